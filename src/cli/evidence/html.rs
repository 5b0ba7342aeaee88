//! A report as one page of HTML: no script, no other file, and the same facts as on paper.

use crate::sign::print::report::{Part, Report};

const STYLE: &str = "body{max-width:64rem;margin:0 auto;padding:1rem 1.25rem;color:#111;background:#fff;font:1rem/1.45 system-ui,\"Liberation Sans\",Arial,sans-serif}\
h1{font-size:1.6rem}h2{font-size:1.15rem;margin:1.3rem 0 .4rem}section{border:3px solid #111;padding:.5rem 1rem}section p{margin:.4rem 0}\
section p:first-child{font-size:1.3rem;font-weight:bold}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{font-weight:bold}\
dd{margin:0;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%;font-size:.95rem}th,td{padding:.25rem .5rem;border-bottom:1px solid #999;\
text-align:left;vertical-align:top}.n{text-align:right;font-variant-numeric:tabular-nums}td.n{white-space:nowrap}pre{white-space:pre-wrap;overflow-wrap:anywhere;\
border:1px solid #999;padding:.5rem;font-size:.8rem}footer{color:#444;font-size:.85rem}\
@media print{@page{size:A4;margin:10mm 12mm}body{max-width:none;padding:0;font-size:8.5pt;line-height:1.2}h1{font-size:14pt;margin:.2em 0}h2{font-size:10pt;margin:.7em 0 .2em}\
p,pre,dl{margin:.3em 0}dl{gap:.1rem .8rem}table{font-size:7.5pt}th,td{padding:.05rem .25rem}pre{font-size:7pt}section p:first-child{font-size:12pt}section{padding:.2rem .6rem}section p{margin:.15em 0}}";

/// The page.
pub(super) fn html(report: &Report) -> String {
    let parts: String = report.parts.iter().map(part).collect();
    let title = escape(&report.title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{parts}<footer>{}</footer>\n</body>\n</html>\n",
        report.language,
        escape(&report.mark)
    )
}

fn part(part: &Part) -> String {
    match part {
        Part::Verdict(verdict, more) => {
            let all: String = std::iter::once(verdict).chain(more).map(|text| element("p", text)).collect();
            format!("<section>{all}</section>\n")
        }
        Part::Heading(text) => element("h2", text) + "\n",
        Part::Text(text) => element("p", text) + "\n",
        Part::Facts(facts) => {
            let rows: String = facts.iter().map(|(name, fact)| element("dt", name) + &element("dd", fact)).collect();
            format!("<dl>{rows}</dl>\n")
        }
        Part::Table { columns, rows } => {
            let class = |index: usize| if columns[index].1 { " class=\"n\"" } else { "" };
            let heads = columns.iter().enumerate();
            let head = |(at, (name, _)): (usize, &(String, bool))| {
                format!("<th scope=\"col\"{}>{}</th>", class(at), escape(name))
            };
            let heads = heads.map(head).collect::<Vec<_>>().concat();
            let row = |row: &Vec<String>| -> String {
                match row.as_slice() {
                    [all] => format!("<tr><td colspan=\"{}\">{}</td></tr>\n", columns.len(), escape(all)),
                    cells => {
                        let cell = |(at, text): (usize, &String)| format!("<td{}>{}</td>", class(at), escape(text));
                        format!("<tr>{}</tr>\n", cells.iter().enumerate().map(cell).collect::<String>())
                    }
                }
            };
            let rows: String = rows.iter().map(row).collect();
            format!("<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n")
        }
        Part::Fixed(lines) => element("pre", &lines.join("\n")) + "\n",
    }
}

fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
