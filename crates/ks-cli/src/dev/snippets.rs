//! What `ks dev` prints: the account, and what to paste where.

use ks_server::dev::Emulator;

use crate::output::printable;
use crate::serve;

/// Everything that a person needs for the first minute. A test runs the snippets.
pub(super) fn page(server: &Emulator) -> String {
    let account = server.account();
    let text = |value: Option<&String>| printable(value.map_or("none", String::as_str));
    TEMPLATE
        .replace("{url}", &serve::url(server.local_addr()))
        .replace("{partner}", &account.id.to_string())
        .replace("{admin}", &text(account.admin_secrets.first()))
        .replace("{user}", &text(account.user_secrets.first()))
        .replace("{email}", &text(account.admin_email.as_ref()))
        .replace("{password}", &text(account.admin_password.as_ref()))
        .replace("{key}", server.key())
}

const TEMPLATE: &str = r#"ks dev is ready at {url}

For development only: everybody knows these secrets, and all data is gone when this ends (Ctrl-C).

  Service URL            {url}
  Partner id             {partner}
  Administrator secret   {admin}
  User secret            {user}
  Administrator          {email}
  Password               {password}
  Key for /_dev/         {key}

Start an administrator's session, and get its KS:

--- curl
curl -s '{url}/api_v3/service/session/action/start?format=1' \
  -d partnerId={partner} -d type=2 -d userId=me -d secret={admin}

--- Python
import json, urllib.parse, urllib.request
fields = {"partnerId": {partner}, "type": 2, "userId": "me", "secret": "{admin}"}
body = urllib.parse.urlencode(fields).encode()
with urllib.request.urlopen("{url}/api_v3/service/session/action/start?format=1", body) as answer:
    print(json.load(answer))

--- PHP
<?php
$fields = ["partnerId" => {partner}, "type" => 2, "userId" => "me", "secret" => "{admin}"];
$request = ["method" => "POST", "header" => "Content-Type: application/x-www-form-urlencoded",
    "content" => http_build_query($fields)];
$url = "{url}/api_v3/service/session/action/start?format=1";
echo json_decode(file_get_contents($url, false, stream_context_create(["http" => $request]))), "\n";

--- Node
const body = new URLSearchParams({ partnerId: {partner}, type: 2, userId: "me", secret: "{admin}" });
fetch("{url}/api_v3/service/session/action/start?format=1", { method: "POST", body })
  .then((answer) => answer.json()).then((ks) => console.log(ks));

---
A Kaltura client library needs only the service URL above in its configuration."#;
