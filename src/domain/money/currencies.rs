//! The currencies that exist, and what people call them.
//!
//! Source: ISO 4217, List One, as of January 2026, kept by SIX (<https://www.six-group.com>, "data standards"), without what nobody
//! owes in: metals, codes for tests and for bonds, and units of account between banks.

/// Codes of money, in alphabetical order; with Bolivia's, Chile's, Colombia's, Mexico's and Uruguay's units of account, which loans are in.
const CODES: &str = "\
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP CNY COP COU \
    CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK \
    JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR \
    MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN \
    SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW \
    ZWG";

/// Pesos: what a column of currencies that says no more than "pesos" may mean.
const PESOS: &[&str] = &["ARS", "CLP", "COP", "CUP", "DOP", "MXN", "PHP", "UYU"];

/// What people write in a column of currencies where others write the code, folded: words, and signs that stand in no amount.
const NAMES: &[(&str, &[&str])] = &[
    ("ARS", &["peso argentino", "pesos argentinos"]),
    ("BOB", &["boliviano", "bolivianos"]),
    ("BRL", &["real", "reais", "reales", "real brasileiro", "reais brasileiros", "real brasileno"]),
    ("CLP", &["peso chileno", "pesos chilenos"]),
    ("COP", &["peso colombiano", "pesos colombianos"]),
    ("CRC", &["colon", "colones", "₡"]),
    ("DOP", &["peso dominicano", "pesos dominicanos"]),
    ("EUR", &["euro", "euros"]),
    ("GTQ", &["quetzal", "quetzales", "q"]),
    ("HNL", &["lempira", "lempiras"]),
    ("MXN", &["peso mexicano", "pesos mexicanos"]),
    ("NIO", &["cordoba", "cordobas"]),
    ("PAB", &["balboa", "balboas"]),
    ("PEN", &["sol", "soles", "nuevos soles"]),
    ("PYG", &["guarani", "guaranies", "₲"]),
    (
        "USD",
        &[
            "dolar",
            "dolares",
            "dollar",
            "dollars",
            "us dollar",
            "us dollars",
            "dolar americano",
            "dolares americanos",
            "dolares estadounidenses",
            // Of Mexico.
            "dls",
            "dlls",
        ],
    ),
    ("UYU", &["peso uruguayo", "pesos uruguayos", "$u"]),
    ("VES", &["bolivar", "bolivares"]),
];

/// Whether there is a currency with that code, in upper case.
pub(super) fn exists(code: &str) -> bool {
    CODES.split(' ').any(|known| known == code)
}

/// Digits of the minor unit.
pub(super) fn decimals(code: &str) -> u32 {
    match code {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// The code of the currency with a name, which is folded.
pub(super) fn named(name: &str) -> Option<&'static str> {
    NAMES.iter().find(|(_, names)| names.contains(&name)).map(|(code, _)| *code)
}

/// Whether a currency is called a peso.
pub(super) fn is_peso(code: &str) -> bool {
    PESOS.contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_holds_what_people_owe_in() {
        let codes: Vec<&str> = CODES.split(' ').collect();
        assert!(codes.is_sorted() && codes.iter().all(|code| code.len() == 3), "{codes:?}");
        assert_eq!(codes.len(), 161);
        for code in PESOS.iter().chain(NAMES.iter().map(|(code, _)| code)) {
            assert!(exists(code), "{code}");
        }
        for code in ["SOL", "DLS", "XYZ", "XAU", "XTS", "XXX", "ECS", "", "COP EUR"] {
            assert!(!exists(code), "{code}");
        }
    }
}
