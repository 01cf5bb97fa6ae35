//! What can go wrong, and how a program tells it apart.

use ks_client::{Client, Credentials, Error, ErrorCode};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let url = std::env::var("KS_URL").unwrap_or_else(|_| "http://127.0.0.1:8080".to_owned());
    let credentials = Credentials::local("de000000000000000000000000000a02", 102).admin("me");
    let client = Client::new(url)?.sign_in(credentials).await?;

    match client.category().get(204_796_843).await {
        Ok(category) => println!("{:?}", category.name()),
        // The server will not: there is no such category, or this session may not see it.
        Err(error) if error.is(ErrorCode::CategoryNotFound) => {
            println!("no category {}", error.api().and_then(|error| error.arg("ID")).unwrap_or_default());
        }
        // There is no connection, and nothing was sent.
        Err(Error::Connect { server, .. }) => println!("{server} cannot be reached"),
        Err(error) => return Err(error),
    }

    // A service that this crate does not know is called by name, with arguments in JSON.
    match client.action("playlist", "get").with("id", "0_list").await {
        Ok(playlist) => println!("{}", playlist["name"]),
        Err(error) => println!("{}", error.api().map(ks_client::ApiError::code).unwrap_or_default()),
    }
    Ok(())
}
