//! A small tree of categories in one request, in which each refers to the one above it.

use ks_client::classes::Category;
use ks_client::{Client, Credentials, Error};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let url = std::env::var("KS_URL").unwrap_or_else(|_| "http://127.0.0.1:8080".to_owned());
    let credentials = Credentials::local("de000000000000000000000000000a02", 102).admin("me");
    let client = Client::new(url)?.sign_in(credentials).await?;

    let mut batch = client.batch();
    let faculty = batch.add(client.category().add(Category::new().with_name("Faculty")));
    let physics = Category::new().with_name("Physics").with_parent_id(faculty.id());
    let physics = batch.add(client.category().add(physics));
    let again = batch.add(client.category().add(Category::new().with_name("Faculty")));
    let answers = batch.send().await?;

    println!("{}", answers.get(&physics)?.full_name().unwrap_or_default());
    // One that fails does not keep the others from being done.
    if let Err(error) = answers.get(&again) {
        println!("{error}");
    }
    client.category().delete(answers.get(&faculty)?.id()).await
}
