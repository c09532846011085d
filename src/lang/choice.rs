//! Which language a person reads: from the environment of a terminal, or from the header of a request.

use super::Lang;

impl Lang {
    /// The language of the terminal: the first of `LC_ALL`, `LC_MESSAGES`, `LANG` that is set and not empty decides;
    /// `zh…` is Chinese, anything else (also nothing) is English.
    pub fn from_environment() -> Lang {
        Lang::from_locales(["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| std::env::var(name).ok()))
    }

    fn from_locales(values: impl IntoIterator<Item = Option<String>>) -> Lang {
        let first = values.into_iter().flatten().find(|value| !value.is_empty());
        if first.is_some_and(|locale| is_chinese(&locale)) { Lang::Zh } else { Lang::En }
    }

    /// The language an `Accept-Language` header asks for: the highest weight of Chinese and English, the earlier one
    /// where weights are equal. A header that names neither gets Chinese, the language of the county's own systems.
    pub fn from_accept_language(header: &str) -> Lang {
        let mut best: Option<(u16, Lang)> = None;
        for range in header.split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let tag = tag.trim();
            let lang = if is_chinese(tag) {
                Lang::Zh
            } else if primary_is(tag, "en") {
                Lang::En
            } else {
                continue;
            };
            let weight = weight(parameters);
            if weight > 0 && best.is_none_or(|(highest, _)| weight > highest) {
                best = Some((weight, lang));
            }
        }
        best.map_or(Lang::Zh, |(_, lang)| lang)
    }
}

fn is_chinese(tag: &str) -> bool {
    primary_is(tag, "zh")
}

fn primary_is(tag: &str, language: &str) -> bool {
    let primary = tag.split(['-', '_', '.', '@']).next().unwrap_or_default();
    primary.eq_ignore_ascii_case(language)
}

/// The `q` parameter in thousandths; absent is 1000, unreadable is 0 (RFC 9110, 12.4.2).
fn weight(parameters: &str) -> u16 {
    let Some(q) = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    }) else {
        return 1000;
    };
    let (whole, fraction) = q.split_once('.').unwrap_or((q, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    let thousandths = format!("{fraction:0<3}").parse().unwrap_or(0);
    match whole {
        "0" => thousandths,
        "1" if thousandths == 0 => 1000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_that_says_something_decides() {
        let locales = |values: [Option<&str>; 3]| Lang::from_locales(values.map(|value| value.map(str::to_owned)));
        assert_eq!(locales([None, None, Some("zh_CN.UTF-8")]), Lang::Zh);
        assert_eq!(locales([Some(""), Some("zh"), Some("en_US")]), Lang::Zh);
        assert_eq!(locales([Some("C"), Some("zh_CN"), Some("zh_CN")]), Lang::En);
        assert_eq!(locales([None, None, None]), Lang::En);
        assert_eq!(locales([Some("zha"), None, None]), Lang::En, "Zhuang is not Chinese");
    }

    #[test]
    fn the_heaviest_language_of_the_header_wins() {
        for (header, lang) in [
            ("en", Lang::En),
            ("zh-CN,zh;q=0.9,en;q=0.8", Lang::Zh),
            ("zh;q=0.3, en-GB;q=0.7", Lang::En),
            ("en;q=0.5,zh;q=0.5", Lang::En),
            ("zh;q=0,en;q=0.1", Lang::En),
            ("en;q=2,zh;q=0.1", Lang::Zh),
            ("en ; q=0.25 , zh ; Q=0.3", Lang::Zh),
            ("de,fr;q=0.1", Lang::Zh),
            ("*", Lang::Zh),
            ("", Lang::Zh),
        ] {
            assert_eq!(Lang::from_accept_language(header), lang, "{header}");
        }
    }
}
