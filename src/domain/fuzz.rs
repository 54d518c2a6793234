//! What must hold of every phone and every amount, however people write it.

use proptest::{prelude::*, sample::select};

use super::{
    locale,
    money::{Currency, Decimal, Money},
    phone::{Phone, Region},
    phone_slip,
};

/// Countries, their codes, and what their numbers look like without it.
const PLANS: [(&str, &str, &str); 9] = [
    ("CO", "57", "3(0[0-5]|1[0-9]|2[0-2])[0-9]{7}"),
    ("CO", "57", "60[1245678][2-8][0-9]{6}"),
    ("MX", "52", "(55|81|33)[1-8][0-9]{7}"),
    ("BR", "55", "(11|21|31|71)9[5-9][0-9]{7}"),
    ("CL", "56", "9[4-9][0-9]{7}"),
    ("PE", "51", "9[1-9][0-9]{7}"),
    ("ES", "34", "6[0-9]{8}"),
    ("PT", "351", "9[1236][0-9]{7}"),
    ("US", "1", "(202|305|415)[2-9](0[0-9]|[2-9][0-9])[0-9]{4}"),
];

/// A country, its code, and a number that its plan has.
fn number() -> impl Strategy<Value = (&'static str, &'static str, String)> {
    let numbers = PLANS.map(|(country, code, pattern)| pattern.prop_map(move |number| (country, code, number)).boxed());
    proptest::strategy::Union::new(numbers).prop_filter("a number of its plan", |(_, code, number)| {
        Phone::parse(&format!("+{code}{number}"), None).is_ok()
    })
}

/// `digits` in groups with something between them.
fn grouped(digits: &str, size: usize, between: &str) -> String {
    let groups: Vec<String> =
        digits.as_bytes().chunks(size).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
    groups.join(between)
}

fn region(country: &str) -> Option<Region> {
    country.parse().ok()
}

proptest! {
    #[test]
    fn a_phone_is_the_same_however_it_is_written(
        (country, code, number) in number(),
        size in 2..5_usize,
        between in select(vec!["", " ", ".", "-", " - ", "\u{a0}"]),
        prefix in select(vec!["", "+", "00", "(+", "cel. ", "Tel: "]),
        after in select(vec!["", " ", " ext. 12", ".0", " / no tiene", "\n"]),
    ) {
        // Only a number without anything in between can be one of a spreadsheet.
        let after = if between.is_empty() || after != ".0" { after } else { "" };
        let digits = grouped(&number, size, between);
        let text = match prefix {
            "+" | "00" => format!("{prefix}{code} {digits}{after}"),
            "(+" => format!("(+{code}) {digits}{after}"),
            _ => format!("{prefix}{digits}{after}"),
        };
        let phone = Phone::parse(&text, region(country));
        prop_assert_eq!(phone.as_ref().map(Phone::digits), Ok(&*format!("{code}{number}")), "{}", text);
    }

    #[test]
    fn scientific_notation_is_read_if_no_digit_is_lost((country, code, number) in number(), lost in 0..6_usize, comma: bool, sign in select(vec!["E+", "E", "e+"])) {
        let digits = format!("{code}{number}");
        let kept = &digits[1..digits.len() - lost];
        let (point, exponent) = (if comma { ',' } else { '.' }, digits.len() - 1);
        let text = format!("{}{point}{kept}{sign}{exponent}", &digits[..1]);
        let phone = Phone::parse(&text, region(country));
        prop_assert_eq!(phone.ok().map(|phone| phone.digits().to_owned()), (lost == 0).then_some(digits), "{}", text);
    }

    #[test]
    fn without_a_written_code_nobody_abroad_is_reached(text in "[0-9() .-]{5,20}", (country, code, _) in number()) {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        prop_assume!(!digits.starts_with("00"));
        if let Ok(phone) = Phone::parse(&text, region(country)) {
            prop_assert!(phone.digits().starts_with(code), "{} → {:?}", text, phone);
        }
    }

    #[test]
    fn no_text_makes_a_phone_panic(text in "([0-9]{1,9}|[+ ()/.,;|xE-]|ext|00| y |ñ|😀|İ|\u{a0}|\n){0,12}", country in select(PLANS.map(|plan| plan.0).to_vec())) {
        if let Ok(phone) = Phone::parse(&text, region(country)) {
            prop_assert_eq!(Phone::from_e164(phone.as_str()), Ok(phone));
        }
    }

    #[test]
    fn a_slip_is_put_right_or_left_alone((country, code, number) in number(), slip in 0..4_usize) {
        let text = match slip {
            0 => format!("{code}{code}{number}"),
            1 => format!("+{code} {code} {number}"),
            2 => format!("+{code} 0 {number}"),
            _ => format!("+{code}0{number}"),
        };
        let right = format!("{code}{number}");
        let meant = match Phone::parse(&text, region(country)) {
            Ok(phone) => Some(phone),
            Err(_) => phone_slip::propose(&text, region(country)).map(|proposal| proposal.phone),
        };
        // A code that stands there twice may begin a number of its own.
        if let Some(phone) = meant.filter(|_| slip > 1) {
            prop_assert_eq!(phone.digits(), &right, "{}", text);
        }
    }

    #[test]
    fn no_text_makes_a_proposal_panic(text in "([0-9]{1,9}|[+ ()/.,;|xE-]|ext|00|15|521|5455|ñ|😀|\u{a0}|\n){0,9}", country in select(PLANS.map(|plan| plan.0).to_vec())) {
        if let Some(proposal) = phone_slip::propose(&text, region(country)) {
            prop_assert!(Phone::parse(proposal.phone.as_str(), None).is_ok(), "{:?}", proposal);
        }
    }

    #[test]
    fn no_text_makes_a_language_or_a_place_panic(text in "(utc|gmt|[+-]|[0-9]{1,3}|:|/|es|pt|_|America|ñ|İ|😀| ){0,8}") {
        let understood = (locale::language(&text), locale::time_zone(&text), locale::country(&text));
        prop_assert_eq!(understood, (locale::language(&text), locale::time_zone(&text), locale::country(&text)));
    }

    #[test]
    fn an_amount_is_the_same_however_it_is_written(
        minor in 0..100_000_000_000_i64,
        (group, point) in select(vec![("", '.'), ("", ','), (".", ','), (",", '.'), (" ", ','), ("\u{a0}", ','), ("'", '.'), ("’", '.'), (" ", '.'), ("\u{202f}", ',')]),
        (before, after) in select(vec![("", ""), ("$", ""), ("$ ", ""), ("USD ", ""), ("US$", ""), ("", " USD"), (" ", " "), ("", " dólares")]),
        decimal in select(vec![Decimal::Auto, Decimal::Comma, Decimal::Point]),
    ) {
        let whole: String = thousands(minor / 100, group);
        let text = format!("{before}{whole}{point}{:02}{after}", minor % 100);
        let usd: Currency = "USD".parse().unwrap();
        prop_assert_eq!(Money::parse(&text, usd, decimal), Ok(Money { minor, currency: usd }), "{}", text);
    }

    #[test]
    fn whole_amounts_are_the_same_however_they_are_written(
        whole in 0..1_000_000_000_i64,
        (group, decimal) in select(vec![("", Decimal::Auto), (".", Decimal::Auto), (",", Decimal::Auto), (" ", Decimal::Point), ("'", Decimal::Comma), (".", Decimal::Comma), (",", Decimal::Point)]),
        end in select(vec!["", ",-", ".-", "."]),
    ) {
        let clp: Currency = "CLP".parse().unwrap();
        let text = format!("$ {}{end}", thousands(whole, group));
        prop_assert_eq!(Money::parse(&text, clp, decimal), Ok(Money { minor: whole, currency: clp }), "{}", text);
    }

    #[test]
    fn an_amount_has_the_digits_that_were_written(text in "[$€]? ?[0-9]{1,4}([.,' ][0-9]{1,4}){0,4}[-%)E]?") {
        let eur: Currency = "EUR".parse().unwrap();
        for decimal in [Decimal::Auto, Decimal::Comma, Decimal::Point] {
            let Ok(money) = Money::parse(&text, eur, decimal) else { continue };
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let number: i128 = digits.parse().unwrap();
            let rounded = |places: u32| {
                let scale = 10_i128.pow(places);
                (number * 100 + scale / 2) / scale
            };
            let places = (0..=digits.len() as u32).find(|places| rounded(*places) == i128::from(money.minor));
            prop_assert!(places.is_some(), "{} → {:?}", text, money);
        }
    }

    #[test]
    fn no_text_makes_an_amount_panic(text in "([0-9]{1,5}|[$€.,'() /%-]|US|COP|R\\$|S/|E\\+|mil|ß|İ|\u{a0}|\n){0,12}") {
        for decimal in [Decimal::Auto, Decimal::Comma, Decimal::Point] {
            if let Ok(money) = Money::parse(&text, "CLP".parse().unwrap(), decimal) {
                prop_assert!(money.minor >= 0, "{} → {:?}", text, money);
            }
        }
    }
}

/// Groups of three from the right.
fn thousands(whole: i64, group: &str) -> String {
    let digits = whole.to_string();
    let first = digits.len() % 3;
    let (head, tail) = digits.split_at(first);
    let groups: Vec<&str> = tail.as_bytes().chunks(3).map(|group| std::str::from_utf8(group).unwrap()).collect();
    [head].into_iter().filter(|head| !head.is_empty()).chain(groups).collect::<Vec<_>>().join(group)
}
