import { expect, test } from './server';
import { signIn } from './steps';

/** What a person reads on the way from a file to its report. */
const languages = {
  es: {
    title: 'Importar deudores',
    headings: ['Qué es cada columna', 'Cómo leer los valores', 'Qué pasará con las filas', 'Los que ya están'],
    becomes: '«Asesor» se guarda como',
    reference: 'Referencia',
    sure: 'Seguro',
    ask: 'Decidir fila por fila',
    commit: 'Importar 2 filas',
    counts: ['Nuevos', 'Rechazados'],
    reason: 'Al teléfono le faltan dígitos',
    reasons: 'Filas que no entraron',
    debtors: 'Ver los deudores',
  },
  pt: {
    title: 'Importar devedores',
    headings: ['O que é cada coluna', 'Como ler os valores', 'O que acontecerá com as linhas', 'Os que já estão aqui'],
    becomes: '“Asesor” é salva como',
    reference: 'Referência',
    sure: 'Certo',
    ask: 'Decidir linha por linha',
    commit: 'Importar 2 linhas',
    counts: ['Novos', 'Rejeitados'],
    reason: 'Faltam dígitos no telefone',
    reasons: 'Linhas que não entraram',
    debtors: 'Ver os devedores',
  },
};

const file = 'Nombre;Celular;Asesor\nAna;300 123 4501;A-1\nLuis;300 123 4502;A-2\nOmar;12;A-3\n';

for (const [language, texts] of Object.entries(languages)) {
  test(`the wizard is read from the file to its report in ${language}`, async ({ demo, page }) => {
    await signIn(page, demo);
    await page.evaluate((code) => localStorage.setItem('whatsmassive.language', code), language);
    await page.goto(`${demo.url}/debtors/import`);
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    await expect(page.getByRole('heading', { level: 1, name: texts.title })).toBeVisible();
    await page.locator('input[type="file"]').setInputFiles({ name: 'cartera.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
    for (const name of texts.headings) await expect(page.getByRole('heading', { level: 2, name, exact: true })).toBeVisible();
    await expect(page.getByText(texts.sure, { exact: true }).first()).toBeVisible();

    await page.getByRole('combobox', { name: texts.becomes }).click();
    await page.getByRole('option', { name: texts.reference, exact: true }).click();
    await expect(page.getByRole('combobox', { name: texts.becomes })).toHaveValue(texts.reference);
    await expect(page.getByTestId('forecast-rejected')).toHaveText('1');
    await page.getByRole('radio', { name: texts.ask }).check();
    await page.getByRole('button', { name: texts.commit }).click();

    const report = page.getByTestId('import-report');
    // The chart has a hint of the same words.
    for (const count of texts.counts) {
      await expect(report.getByRole('paragraph').filter({ hasText: new RegExp(`^${count}$`) })).toBeVisible();
    }
    await expect(page.getByTestId('import-inserted')).toHaveText('2');
    const reasons = page.getByRole('region', { name: texts.reasons });
    await expect(reasons.getByText(texts.reason)).toBeVisible();
    await page.getByRole('link', { name: texts.debtors }).click();
    await page.getByRole('link', { name: 'Ana', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Ana' })).toBeVisible();
    await expect(page.getByText('A-1').first()).toBeVisible();
  });
}
