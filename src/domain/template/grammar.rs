//! What a template may say: text, variables, a few filters, and `if`.
//!
//! A template comes from a person and is rendered for every debtor of a campaign. What this grammar lets through has no loop and no
//! assignment, so that its work and its memory are at most proportional to its own length.

use minijinja::machinery::{
    Span,
    ast::{BinOpKind, CallArg, Expr, Stmt},
};

/// Filters, by the names that Jinja gives them.
pub(super) const FILTERS: [&str; 6] = ["default", "upper", "lower", "title", "capitalize", "trim"];
/// Tests after `is`.
pub(super) const TESTS: [&str; 2] = ["defined", "undefined"];

/// What is not allowed, and where.
pub(super) struct Forbidden {
    /// From 1.
    pub line: usize,
    pub message: String,
}

/// Checks a parsed body from its root on.
pub(super) fn check(statement: &Stmt<'_>) -> Result<(), Forbidden> {
    match statement {
        Stmt::Template(root) => root.children.iter().try_for_each(check),
        Stmt::EmitRaw(_) => Ok(()),
        Stmt::EmitExpr(emit) => expression(&emit.expr),
        Stmt::IfCond(condition) => {
            expression(&condition.expr)?;
            condition.true_body.iter().chain(&condition.false_body).try_for_each(check)
        }
        other => forbid(span(other), "only {{ … }} and {% if … %} can be used in a message".to_owned()),
    }
}

fn expression(expr: &Expr<'_>) -> Result<(), Forbidden> {
    match expr {
        Expr::Var(_) => Ok(()),
        // As an escape: PostgreSQL keeps no NUL, and a claim that brought one would fail at every try.
        Expr::Const(text) if text.value.as_str().is_some_and(|text| text.contains('\0')) => {
            forbid(expr.span(), "a text cannot have the character NUL".to_owned())
        }
        Expr::Const(_) => Ok(()),
        Expr::UnaryOp(operation) => expression(&operation.expr),
        Expr::BinOp(operation) if !matches!(operation.op, BinOpKind::Mul | BinOpKind::Pow) => {
            expression(&operation.left)?;
            expression(&operation.right)
        }
        Expr::Compare(comparison) => {
            expression(&comparison.expr)?;
            comparison.ops.iter().try_for_each(|operation| expression(&operation.expr))
        }
        Expr::IfExpr(choice) => {
            expression(&choice.test_expr)?;
            expression(&choice.true_expr)?;
            choice.false_expr.as_ref().map_or(Ok(()), expression)
        }
        Expr::Filter(filter) => {
            if !FILTERS.contains(&filter.name) {
                let message = format!("there is no filter {}; there are {}", filter.name, FILTERS.join(", "));
                return forbid(expr.span(), message);
            }
            filter.expr.as_ref().map_or(Ok(()), expression)?;
            arguments(&filter.args, expr.span())
        }
        Expr::Test(test) => {
            if !TESTS.contains(&test.name) {
                let message = format!("there is no test {}; there are {}", test.name, TESTS.join(", "));
                return forbid(expr.span(), message);
            }
            expression(&test.expr)?;
            arguments(&test.args, expr.span())
        }
        other => forbid(other.span(), format!("a {} cannot be used in a message", other.description())),
    }
}

fn arguments(args: &[CallArg<'_>], span: Span) -> Result<(), Forbidden> {
    args.iter().try_for_each(|arg| match arg {
        CallArg::Pos(value) | CallArg::Kwarg(_, value) => expression(value),
        _ => forbid(span, "an argument of a filter is a text or a variable".to_owned()),
    })
}

fn forbid(span: Span, message: String) -> Result<(), Forbidden> {
    Err(Forbidden { line: (span.start_line as usize).max(1), message })
}

fn span(statement: &Stmt<'_>) -> Span {
    match statement {
        Stmt::Template(node) => node.span(),
        Stmt::EmitExpr(node) => node.span(),
        Stmt::EmitRaw(node) => node.span(),
        Stmt::ForLoop(node) => node.span(),
        Stmt::IfCond(node) => node.span(),
        Stmt::WithBlock(node) => node.span(),
        Stmt::Set(node) => node.span(),
        Stmt::SetBlock(node) => node.span(),
        Stmt::AutoEscape(node) => node.span(),
        Stmt::FilterBlock(node) => node.span(),
        Stmt::Do(node) => node.span(),
    }
}
