//! An answer that echoes a script runs nothing in a browser.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use ks_tests::body::escape;
use ks_tests::programs::browse;
use ks_tests::scale::is_soak;
use ks_tests::server::Server;

/// A place on this machine that a script could call home to. It answers with a page of its own, and keeps what
/// it was asked for.
struct Home {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Home {
    fn new(page: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = [0; 4096];
                let length = stream.read(&mut request).unwrap_or(0);
                let line = String::from_utf8_lossy(&request[..length]).lines().next().unwrap_or_default().to_owned();
                kept.lock().expect("no panic").push(line);
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
                let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{page}", page.len());
            }
        });
        Self { url, asked }
    }

    fn was_asked_for(&self, path: &str) -> bool {
        self.asked.lock().expect("no panic").iter().any(|line| line.contains(path))
    }
}

/// Scripts in the shapes that would run in HTML, in XHTML inside XML, in SVG, and where the answer itself is a script.
fn attacks(home: &str) -> Vec<String> {
    let act = format!("document.documentElement.setAttribute('data-ran','ran');new Image().src='{home}/ran'");
    let each = vec![
        format!("<script>{act}</script>"),
        format!("</error></result></xml><script xmlns=\"http://www.w3.org/1999/xhtml\">{act}</script>"),
        format!("<x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">{act}</x:script>"),
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"{act}\"/>"),
        format!("<img src=\"x\" onerror=\"{act}\">"),
        format!("\");{act};//"),
    ];
    // A browser takes its time to start: one after the other in the soak, all in one text otherwise.
    if is_soak() { each } else { vec![each.concat()] }
}

#[test]
fn an_answer_that_echoes_a_script_runs_nothing() {
    let server = Server::dev();
    let home = Home::new(String::new());
    for format in ["2", "3", "9"] {
        for attack in attacks(&home.url) {
            let query = format!("format={format}&callback=cb&ks={}", escape(&attack));
            let page = browse(&format!("{}/api_v3/service/system/action/ping?{query}", server.url));
            assert!(page.contains("INVALID_KS"), "the answer was not shown: {page}");
            assert!(!page.contains("data-ran=\"ran\""), "format {format} ran {attack}: {page}");
            assert!(!home.was_asked_for("/ran"), "format {format} ran {attack}");
        }
    }
}

#[test]
fn a_page_that_takes_the_answer_for_a_script_gets_its_callback_and_no_more() {
    let server = Server::dev();
    let home = Home::new(String::new());
    for attack in attacks(&home.url) {
        let query = format!("format=9&callback=cb&ks={}", escape(&attack));
        let page = Home::new(format!(
            "<html><body><script>function cb(answer) {{ document.documentElement.setAttribute('data-code', \
             answer.code); }}</script><script src=\"{}/api_v3/service/system/action/ping?{query}\"></script>",
            server.url
        ));
        let page = browse(&page.url);
        assert!(page.contains("data-code=\"INVALID_KS\""), "the callback was not called: {page}");
        assert!(!page.contains("data-ran=\"ran\""), "ran {attack}: {page}");
        assert!(!home.was_asked_for("/ran"), "ran {attack}");
    }
}

#[test]
fn the_browser_would_have_run_it() {
    // The control: the same script in a page that may run it is noticed by both signs.
    const PAGE: &str = "<html><body><script>document.documentElement.setAttribute('data-ran','ran');\
                        new Image().src='/ran'</script></body></html>";
    let home = Home::new(PAGE.to_owned());
    let page = browse(&home.url);
    assert!(page.contains("data-ran=\"ran\""), "{page}");
    assert!(home.was_asked_for("/ran"));
}
