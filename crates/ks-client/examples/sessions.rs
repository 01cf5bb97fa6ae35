//! The ways to a session. Runs against `ks dev`, or against the server that the variable KS_URL names.

use ks_client::{Client, Credentials, Error};

const SECRET: &str = "de000000000000000000000000000a02";

#[tokio::main]
async fn main() -> Result<(), Error> {
    let url = std::env::var("KS_URL").unwrap_or_else(|_| "http://127.0.0.1:8080".to_owned());
    let client = Client::new(url)?;
    for (way, credentials) in [
        // The server makes it.
        ("secret", Credentials::secret(SECRET, 102).admin("me").expiry(3600)),
        // This program makes it: there is no call.
        ("local", Credentials::local(SECRET, 102).user("me").privileges("edit:*")),
        ("password", Credentials::password("dev@example.invalid", "dev-password-102").partner(102)),
    ] {
        // From here on every call carries the session, which is renewed before it ends.
        let client = client.sign_in(credentials).await?;
        let permissions = client.permission().get_current_permissions().await?;
        println!("{way}: {} permissions", permissions.split(',').count());
        client.session().end().await?;
    }
    Ok(())
}
