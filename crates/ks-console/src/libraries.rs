//! The tab "API Client Libraries": how each published client is installed and pointed here, and what of it is checked.

use askama::Template;

use crate::page::render;
use crate::schema::API_VERSION;
use crate::{Answer, Layout, Tab};

/// How much of a language's code examples the tests check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Checked {
    /// Executed with the published client, against a server.
    Run,
    /// The language's own tool reads it.
    Parsed,
}

impl Checked {
    const fn text(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Parsed => "parsed",
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Run => "good",
            Self::Parsed => "accent",
        }
    }
}

/// A client of the API. In its texts `{url}` stands for the address of this server.
struct Library {
    name: &'static str,
    install: &'static str,
    point: &'static str,
    mints: &'static str,
    examples: Checked,
    note: &'static str,
}

impl Library {
    /// The name as part of an address.
    fn id(&self) -> String {
        self.name.to_lowercase().replace('#', "sharp")
    }
}

const LIBRARIES: &[Library] = &[
    Library {
        name: "PHP",
        install: "composer require kaltura/api-client-library",
        point: "$config = new KalturaConfiguration();\n$config->serviceUrl = '{url}';\n$client = new KalturaClient($config);",
        mints: "versions 1 and 2",
        examples: Checked::Parsed,
        note: "The requests that this client sends are re-enacted by the tests: the client itself is not installed by them.",
    },
    Library {
        name: "Java",
        install: "Maven: com.kaltura : kalturaApiClient",
        point: "Configuration config = new Configuration();\nconfig.setEndpoint(\"{url}\");\nClient client = new Client(config);",
        mints: "versions 1 and 2",
        examples: Checked::Parsed,
        note: "",
    },
    Library {
        name: "C#",
        install: "NuGet: Kaltura",
        point: "Configuration config = new Configuration();\nconfig.ServiceUrl = \"{url}\";\nClient client = new Client(config);",
        mints: "versions 1 and 2",
        examples: Checked::Parsed,
        note: "",
    },
    Library {
        name: "Python",
        install: "pip install KalturaApiClient",
        point: "config = KalturaConfiguration()\nconfig.serviceUrl = \"{url}\"\nclient = KalturaClient(config)",
        mints: "versions 1 and 2; answers bytes: call decode()",
        examples: Checked::Run,
        note: "",
    },
    Library {
        name: "Javascript",
        install: "npm install kaltura-client",
        point: "const config = new kaltura.Configuration();\nconfig.serviceUrl = \"{url}\";\nconst client = new kaltura.Client(config);",
        mints: "no: see “Mint locally” in the Test Console",
        examples: Checked::Run,
        note: "For Node.",
    },
    Library {
        name: "curl",
        install: "apt-get install curl",
        point: "curl -s '{url}/api_v3/service/system/action/ping?format=1'",
        mints: "no: see “Mint locally” in the Test Console",
        examples: Checked::Run,
        note: "",
    },
    Library {
        name: "TypeScript",
        install: "npm install kaltura-typescript-client",
        point: "const client = new KalturaBrowserHttpClient({\n  endpointUrl: \"{url}/api_v3/index.php\",\n  clientTag: \"my-app\",\n});",
        mints: "no: see “Mint locally” in the Test Console",
        examples: Checked::Run,
        note: "For browsers; the tests run it in Node, with a stand-in for XMLHttpRequest.",
    },
    Library {
        name: "Ruby",
        install: "gem install kaltura-client",
        point: "config = Kaltura::KalturaConfiguration.new\nconfig.service_url = '{url}'\nclient = Kaltura::KalturaClient.new(config)",
        mints: "version 1",
        examples: Checked::Parsed,
        note: "",
    },
    Library {
        name: "Go",
        install: "nothing: the standard library is enough",
        point: "response, err := http.PostForm(\"{url}/api_v3/service/system/action/ping\", url.Values{\"format\": {\"1\"}})",
        mints: "no: see “Mint locally” in the Test Console",
        examples: Checked::Parsed,
        note: "Read by a grammar of Go, not by its own tools.",
    },
    Library {
        name: "Rust",
        install: "cargo add ks-client; cargo add tokio --features macros,rt-multi-thread",
        point: "let client = ks_client::Client::new(\"{url}\")?;",
        mints: "versions 1 and 2, and with our crate ks-token",
        examples: Checked::Run,
        note: "ks-client and ks-token are part of this project; ks-token mints, reads and verifies sessions without any call.",
    },
    Library {
        name: "ks",
        install: "cargo install --path crates/ks-cli",
        point: "ks call system.ping --url {url}",
        mints: "versions 1 and 2",
        examples: Checked::Run,
        note: "The command line of this project: it mints and inspects sessions, and calls every action.",
    },
];

#[derive(Template)]
#[template(path = "libraries.html")]
struct Libraries {
    page: Layout,
    api_version: &'static str,
    libraries: &'static [Library],
}

pub(crate) fn page() -> Answer {
    let page = Layout::api(
        Tab::Libraries,
        "API Client Libraries",
        "How each published client library is installed and pointed at this server.",
    );
    render(200, &Libraries { page, api_version: API_VERSION, libraries: LIBRARIES })
}

/// The table of parity, as the tests write it.
const PARITY: &str = include_str!("../../../reports/parity.md");

#[derive(Template)]
#[template(path = "parity.html")]
struct Parity {
    page: Layout,
    summary: &'static str,
    rows: Vec<[&'static str; 3]>,
}

pub(crate) fn parity() -> Answer {
    let page =
        Layout::api(Tab::Libraries, "Parity", "Every action of the published API, and whether this server has it.");
    let rows = PARITY.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.strip_suffix('|')?.splitn(3, " | ");
        Some([cells.next()?.trim_end_matches('`'), cells.next()?.trim(), cells.next().unwrap_or_default().trim()])
    });
    let summary = PARITY.lines().find(|line| line.starts_with("Every action")).unwrap_or_default();
    let summary = summary.split_once("): ").map_or(summary, |(_, counts)| counts);
    render(200, &Parity { page, summary, rows: rows.collect() })
}
