//! How many polls a second are answered, beside nginx that serves the same bytes from a file, in the same run: an unchanged picture (304),
//! what a TRMNL display is told, and the picture. Each request has a connection of its own, as displays have. Prints figures; judges nothing.
//!
//! `cargo bench --bench serve` runs it; it needs Debian's nginx (nginx-light) and wrk.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints, and ends where it cannot go on")]

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use noticed::cli::client::ask;
use noticed::cli::demo::parts::{Part, free_address};

#[path = "../tests/it/shop.rs"]
#[expect(dead_code, reason = "the harness of the tests has more than a benchmark needs")]
mod shop;

use shop::{MAC, Shop};

/// Fewer than the listener allows one address.
const CONNECTIONS: &str = "6";

/// Runs of each in turn; the median of the ratios is told.
const RUNS: usize = 3;

fn main() {
    let shop = Shop::new("");
    let _broker = shop.start_broker();
    let _daemon = shop.start_daemon();
    let asked = |path: &str| ask(shop.signage, "GET", path, &[format!("ID: {MAC}")], "");
    shop::wait_until("there is a picture", || asked("/signs/sign/image.png").is_ok_and(|answer| answer.code == 200));
    let get = |path: &str| asked(path).unwrap();
    let said: serde_json::Value = serde_json::from_slice(&get("/signs/sign").body).unwrap();
    let etag = format!("If-None-Match: \"{}\"", said["notice"].as_str().unwrap());
    let root = shop.path("www");
    std::fs::create_dir(&root).unwrap();
    std::fs::write(root.join("image.png"), get("/signs/sign/image.png").body).unwrap();
    std::fs::write(root.join("display"), get("/api/display").body).unwrap();
    let (_nginx, beside) = nginx(&shop);

    let since = "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT";
    let mac = format!("ID: {MAC}");
    for (what, path, header, file, condition) in [
        ("304", "/signs/sign/image.png", etag.as_str(), "/image.png", since),
        ("display JSON", "/api/display", mac.as_str(), "/display", "X-None: 1"),
        ("PNG", "/signs/sign/image.png", "X-None: 1", "/image.png", "X-None: 1"),
    ] {
        let mut runs: Vec<(f64, f64)> =
            (0..RUNS).map(|_| (rate(shop.signage, path, header), rate(beside, file, condition))).collect();
        runs.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
        let (ours, theirs) = runs[RUNS / 2];
        println!("{what:<14} {ours:>9.0} of {theirs:>9.0} requests a second   {:>5.2} of nginx", ours / theirs);
    }
}

/// Requests a second that `address` answers.
fn rate(address: SocketAddr, path: &str, header: &str) -> f64 {
    let arguments = ["-t", "1", "-c", CONNECTIONS, "-d", "3s", "-H", "Connection: close", "-H", header];
    let wrk = Command::new("wrk").args(arguments).arg(format!("http://{address}{path}")).output();
    let told = String::from_utf8(wrk.expect("wrk is installed").stdout).unwrap();
    // A connection that is closed after its answer, as was asked for, is a read error to wrk.
    assert!(!told.contains("Non-2xx"), "{told}");
    let line = told.lines().find_map(|line| line.strip_prefix("Requests/sec:")).unwrap();
    line.trim().parse().unwrap()
}

fn nginx(shop: &Shop) -> (Part, SocketAddr) {
    let address = free_address().unwrap();
    let folder = shop.folder.path().display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {folder}/{kind};"))
        .join("\n");
    let text = format!(
        "daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\nevents {{}}\n\
         http {{ access_log off; default_type image/png; {temporary}\n\
         server {{ listen {address}; root {folder}/www; etag on; }} }}\n"
    );
    let file = shop.path("nginx.conf");
    std::fs::write(&file, text).unwrap();
    // Its worker is another user and has to reach the files.
    std::fs::set_permissions(shop.folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let program = std::path::Path::new("/usr/sbin/nginx");
    let part = Part::start(program, &["-c", &file.to_string_lossy()], &shop.path("nginx.out")).unwrap();
    shop::wait_until("nginx listens", || std::net::TcpStream::connect(address).is_ok());
    (part, address)
}
