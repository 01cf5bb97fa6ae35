//! How calls under entitlement fare while an account grows.

use std::path::Path;
use std::time::Instant;

use ks_store::{Store, StoreConfig};
use ks_token::{Claims, PartnerId, Secret, SecretKey, generate_v2};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Settings, Subject};
use crate::Result;
use crate::report::{Bar, Line};
use crate::request::post;
use crate::running::{Running, serve};
use crate::stats::Spread;
use crate::wire::Connection;

mod data;

pub(crate) const SUBJECT: Subject =
    Subject { name: "growth", title: "Growth under entitlement", about: include_str!("growth.md"), figures };

/// How many entries the accounts have.
const SIZES: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// In how many categories users are.
const MEMBERS: [u32; 4] = [1, 10, 100, 1000];
/// Which size the largest is compared with.
const COMPARED: usize = 1;

/// One account on its own server.
struct Place {
    connection: Connection,
    address: String,
    partner: i64,
    secret: String,
    _server: Running,
    _folder: TempDir,
}

impl Place {
    /// An account of so many entries.
    fn build(ks: &Path, entries: u32) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (first, ready) = serve(ks, folder.path(), None)?;
        let (partner, secret) = (ready.partner()?, ready.secret()?);
        drop(first);
        let began = Instant::now();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            data::write(&folder.path().join("ks.db"), partner, entries, &MEMBERS).await?;
            let store = Store::open(StoreConfig::in_folder(folder.path())).await?;
            store.rebuild_lists(PartnerId::new(i32::try_from(partner)?)).await?;
            store.close().await;
            Result::Ok(())
        })?;
        println!("an account of {entries} entries was made in {:.0} s", began.elapsed().as_secs_f64());
        let (server, ready) = serve(ks, folder.path(), None)?;
        let address = ready.address()?;
        let connection = Connection::open(&address)?;
        Ok(Self { connection, address, partner, secret, _server: server, _folder: folder })
    }

    /// A session of the user who is a member of so many categories.
    fn session(&self, members: u32) -> Result<String> {
        let key = SecretKey::new(&Secret::new(&*self.secret).map_err(|error| error.to_string())?);
        let claims = Claims {
            user_id: Some(data::member(members)),
            session_type: 0,
            privileges: Some("enableentitlement,list:*,privacycontext:appX".to_owned()),
            ..Claims::new(PartnerId::new(i32::try_from(self.partner)?), i64::from(i32::MAX))
        };
        Ok(generate_v2(&claims, &key, [7; 16])?)
    }

    fn request(&self, name: &str, members: u32, params: &Value) -> Result<String> {
        let (service, action) = name.split_once('.').ok_or("no action")?;
        let mut body = params.clone();
        body["format"] = json!(1);
        body["ks"] = json!(self.session(members)?);
        let path = format!("/api_v3/service/{service}/action/{action}");
        Ok(post(&self.address, &path, "application/json", &body.to_string()))
    }

    fn ask(&mut self, request: &str) -> Result<Value> {
        let answer: Value = serde_json::from_str(&self.connection.ask(request)?)?;
        if answer["objectType"] == "KalturaAPIException" { Err(answer.to_string().into()) } else { Ok(answer) }
    }
}

/// One call, on each of the accounts.
struct Measured {
    what: String,
    requests: Vec<String>,
    /// How many times as long the largest account may take.
    growth: Bar,
    /// How many milliseconds the largest account may take.
    most: Bar,
    figures: Vec<Vec<f64>>,
    totals: Vec<i64>,
}

fn figures(settings: &Settings) -> Result<Vec<Line>> {
    let mut places = SIZES.iter().map(|size| Place::build(&settings.ks, *size)).collect::<Result<Vec<_>>>()?;
    // Making the last account takes longer than a server keeps a connection that nothing comes on.
    for place in &mut places {
        place.connection = Connection::open(&place.address)?;
    }
    let mut all = Vec::new();
    let most = MEMBERS[MEMBERS.len() - 1];
    let categories = json!({"pager": {"pageSize": 30}});
    let mut measured = |name: &str,
                        what: String,
                        members,
                        params: &dyn Fn(&mut Place) -> Result<Value>,
                        growth,
                        most| {
        let mut requests = Vec::new();
        for place in &mut places {
            let params = params(place)?;
            requests.push(place.request(name, members, &params)?);
        }
        all.push(Measured { what, requests, growth, most, figures: vec![Vec::new(); SIZES.len()], totals: Vec::new() });
        Result::Ok(())
    };
    let first_of = |name: &'static str, id: &'static str| {
        move |place: &mut Place| {
            let list = place.request(name, most, &json!({"pager": {"pageSize": 1}}))?;
            let found = place.ask(&list)?;
            Ok(json!({id: found["objects"][0]["id"]}))
        }
    };
    let get = Bar::AtMost(1.5);
    measured("category.get", "category.get".to_owned(), most, &first_of("category.list", "id"), get, Bar::None)?;
    let same = |params: Value| move |_: &mut Place| Ok(params.clone());
    let first = "category.list, first 30 and totalCount".to_owned();
    measured("category.list", first, most, &same(categories.clone()), Bar::None, Bar::None)?;
    measured(
        "baseEntry.get",
        "baseEntry.get".to_owned(),
        most,
        &first_of("baseEntry.list", "entryId"),
        get,
        Bar::None,
    )?;
    for members in MEMBERS {
        let what = format!("baseEntry.list, first 30 and totalCount, member of {members}");
        measured("baseEntry.list", what, members, &same(categories.clone()), Bar::AtMost(2.0), Bar::AtMost(10.0))?;
    }
    for members in MEMBERS {
        let what = format!("totalCount (baseEntry.count), member of {members}");
        measured("baseEntry.count", what, members, &same(json!({})), Bar::None, Bar::AtMost(150.0))?;
    }
    for round in 0..settings.rounds * 2 {
        for one in &mut all {
            for turn in 0..places.len() {
                // Who goes first changes from round to round.
                let index = (turn + round) % places.len();
                let began = Instant::now();
                let answer = places[index].connection.ask(&one.requests[index])?;
                one.figures[index].push(began.elapsed().as_secs_f64() * 1e3);
                if round == 0 {
                    let answer: Value = serde_json::from_str(&answer)?;
                    if answer["objectType"] == "KalturaAPIException" {
                        return Err(format!("{} answers {answer}", one.what).into());
                    }
                    one.totals.extend(answer["totalCount"].as_i64().or(answer.as_i64()));
                }
            }
        }
    }
    Ok(all.iter().flat_map(lines).collect())
}

fn lines(one: &Measured) -> Vec<Line> {
    let middle = |index: usize| Spread::of(one.figures[index].iter().copied()).median;
    let told: Vec<String> = (0..SIZES.len()).map(|index| format!("{:.2}", middle(index))).collect();
    let totals = if one.totals.is_empty() { String::new() } else { format!("; of {:?}", one.totals) };
    let figure = format!("{} ms at 1 k, 10 k, 100 k, 1 M{totals}", told.join(", "));
    let largest = SIZES.len() - 1;
    let growth = Line {
        what: format!("{}: at 1 M entries, of 10 k's time", one.what),
        figure,
        ratio: Spread::of_ratios(&one.figures[largest], &one.figures[COMPARED]),
        unit: "×",
        bar: one.growth,
        is_decided: true,
    };
    let mut lines = vec![growth];
    if one.most != Bar::None {
        lines.push(Line {
            what: format!("{}: time at 1 M entries", one.what),
            figure: String::new(),
            ratio: Spread::of(one.figures[largest].iter().copied()),
            unit: " ms",
            bar: one.most,
            is_decided: true,
        });
    }
    lines
}
