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

    /// A session of the user who is a member of so many categories, or of one from whom nothing is hidden.
    fn session(&self, who: Who) -> Result<String> {
        let key = SecretKey::new(&Secret::new(&*self.secret).map_err(|error| error.to_string())?);
        let (user, session_type, privileges) = match who {
            Who::Member(categories) => (data::member(categories), 0, "enableentitlement,list:*,privacycontext:appX"),
            Who::Administrator => ("admin".to_owned(), 2, "disableentitlement"),
        };
        let claims = Claims {
            user_id: Some(user),
            session_type,
            privileges: Some(privileges.to_owned()),
            ..Claims::new(PartnerId::new(i32::try_from(self.partner)?), i64::from(i32::MAX))
        };
        Ok(generate_v2(&claims, &key, [7; 16])?)
    }

    fn request(&self, name: &str, who: Who, params: &Value) -> Result<String> {
        let (service, action) = name.split_once('.').ok_or("no action")?;
        let mut body = params.clone();
        body["format"] = json!(1);
        body["ks"] = json!(self.session(who)?);
        let path = format!("/api_v3/service/{service}/action/{action}");
        Ok(post(&self.address, &path, "application/json", &body.to_string()))
    }

    /// The id of the first object of a list.
    fn first(&mut self, list: &str) -> Result<Value> {
        let most = MEMBERS[MEMBERS.len() - 1];
        let list = self.request(list, Who::Member(most), &json!({"pager": {"pageSize": 1}}))?;
        Ok(self.ask(&list)?["objects"][0]["id"].clone())
    }

    /// Something changes, so that nothing that was counted before is true for certain.
    fn change(&mut self, round: usize) -> Result<()> {
        let params = json!({"entryId": "0_00000001", "baseEntry": {
            "objectType": "KalturaMediaEntry", "description": format!("round {round}"),
        }});
        let update = self.request("baseEntry.update", Who::Administrator, &params)?;
        self.ask(&update).map(drop)
    }

    fn ask(&mut self, request: &str) -> Result<Value> {
        let answer: Value = serde_json::from_str(&self.connection.ask(request)?)?;
        if answer["objectType"] == "KalturaAPIException" { Err(answer.to_string().into()) } else { Ok(answer) }
    }
}

/// Who calls.
#[derive(Clone, Copy)]
enum Who {
    /// A member of so many categories.
    Member(u32),
    /// From whom nothing is hidden.
    Administrator,
}

/// What is done on each of the accounts before a call is measured.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// Nothing: it was asked before, and nothing has changed since.
    Nothing,
    /// An entry is changed.
    Change,
}

/// One call, on each of the accounts.
struct Measured {
    what: String,
    requests: Vec<String>,
    before: Before,
    /// How many times as long the largest account may take.
    growth: Bar,
    /// How many milliseconds the largest account may take.
    most: Bar,
    figures: Vec<Vec<f64>>,
    totals: Vec<i64>,
}

impl Measured {
    fn new(places: &[Place], name: &str, what: &str, who: Who, params: &Value) -> Result<Self> {
        let requests = places.iter().map(|place| place.request(name, who, params)).collect::<Result<_>>()?;
        Ok(Self {
            what: what.to_owned(),
            requests,
            before: Before::Nothing,
            growth: Bar::None,
            most: Bar::None,
            figures: vec![Vec::new(); SIZES.len()],
            totals: Vec::new(),
        })
    }

    fn after_a_change(self) -> Self {
        Self { what: format!("{}, after a change", self.what), before: Before::Change, ..self }
    }

    fn bars(self, growth: Bar, most: Bar) -> Self {
        Self { growth, most, ..self }
    }
}

fn calls(places: &mut [Place]) -> Result<Vec<Measured>> {
    let (few, most) = (Who::Member(MEMBERS[2]), Who::Member(MEMBERS[MEMBERS.len() - 1]));
    let get = |places: &mut [Place], name: &str, list: &str, id: &str| {
        let ids = places.iter_mut().map(|place| place.first(list)).collect::<Result<Vec<_>>>()?;
        let mut one = Measured::new(places, name, name, most, &json!({}))?.bars(Bar::AtMost(1.5), Bar::None);
        for ((request, place), value) in one.requests.iter_mut().zip(&*places).zip(ids) {
            *request = place.request(name, most, &json!({id: value}))?;
        }
        Result::Ok(one)
    };
    let mut all = vec![get(places, "category.get", "category.list", "id")?];
    let page = json!({"pager": {"pageSize": 30}});
    let (growth, time) = (Bar::AtMost(2.0), Bar::AtMost(10.0));
    let categories = || Measured::new(places, "category.list", "category.list, first 30 and totalCount", most, &page);
    all.push(categories()?.bars(growth, Bar::None));
    all.push(categories()?.after_a_change());
    all.push(get(places, "baseEntry.get", "baseEntry.list", "entryId")?);
    for members in MEMBERS {
        let what = format!("baseEntry.list, first 30 and totalCount, member of {members}");
        let list = || Measured::new(places, "baseEntry.list", &what, Who::Member(members), &page);
        all.push(list()?.bars(growth, time));
        all.push(list()?.after_a_change());
    }
    for members in MEMBERS {
        let what = format!("totalCount (baseEntry.count), member of {members}");
        let count = Measured::new(places, "baseEntry.count", &what, Who::Member(members), &json!({}))?;
        all.push(count.after_a_change().bars(Bar::None, Bar::AtMost(150.0)));
    }
    for order in ["+createdAt", "+name", "-name", "+updatedAt", "-updatedAt", "-plays", "-duration"] {
        let params = json!({
            "filter": {"objectType": "KalturaMediaEntryFilter", "orderBy": order}, "pager": {"pageSize": 30},
        });
        let what = format!("media.list, first 30 and totalCount by {order}, member of {}", MEMBERS[2]);
        let list = Measured::new(places, "media.list", &what, few, &params)?;
        all.push(if order == "-duration" { list } else { list.bars(growth, time) });
    }
    let free = || {
        let what = "baseEntry.list, first 30 and totalCount, nothing enforced";
        Measured::new(places, "baseEntry.list", what, Who::Administrator, &page)
    };
    all.push(free()?);
    all.push(free()?.after_a_change());
    Ok(all)
}

fn figures(settings: &Settings) -> Result<Vec<Line>> {
    let mut places = SIZES.iter().map(|size| Place::build(&settings.ks, *size)).collect::<Result<Vec<_>>>()?;
    // Making the last account takes longer than a server keeps a connection that nothing comes on.
    for place in &mut places {
        place.connection = Connection::open(&place.address)?;
    }
    let mut all = calls(&mut places)?;
    for round in 0..settings.rounds * 2 {
        for one in &mut all {
            for turn in 0..places.len() {
                // Who goes first changes from round to round.
                let index = (turn + round) % places.len();
                match one.before {
                    Before::Change => places[index].change(round)?,
                    // What the calls before it changed is counted again now, so that it is not this call that does.
                    Before::Nothing => drop(places[index].connection.ask(&one.requests[index])?),
                }
                let began = Instant::now();
                let asked = places[index].connection.ask(&one.requests[index]);
                let answer = asked.map_err(|error| format!("{}, {} entries: {error}", one.what, SIZES[index]))?;
                one.figures[index].push(began.elapsed().as_secs_f64() * 1e3);
                let answer: Value = serde_json::from_str(&answer)?;
                if answer["objectType"] == "KalturaAPIException" {
                    return Err(format!("{} answers {answer}", one.what).into());
                }
                let total = answer["totalCount"].as_i64().or(answer.as_i64());
                match (round, total) {
                    (0, Some(total)) => one.totals.push(total),
                    (_, Some(total)) if !one.totals.contains(&total) => {
                        return Err(format!("{}: suddenly {total}", one.what).into());
                    }
                    _ => {}
                }
            }
        }
    }
    let mut lines: Vec<Line> = all.iter().flat_map(lines).collect();
    lines.push(contexts(settings, &mut places)?);
    Ok(lines)
}

/// What it takes to change who finds the entries of a large category.
fn contexts(settings: &Settings, places: &mut [Place]) -> Result<Line> {
    let place = places.last_mut().ok_or("no account")?;
    let mut figures = Vec::new();
    for round in 0..settings.rounds {
        let params = json!({"id": data::LARGE, "category": {
            "objectType": "KalturaCategory", "privacyContext": format!("large{}", round % 2),
        }});
        let update = place.request("category.update", Who::Administrator, &params)?;
        let began = Instant::now();
        place.ask(&update).map_err(|error| format!("category.update of a context: {error}"))?;
        figures.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(Line {
        what: format!("category.update of the context of a category with {} entries, of 1 M", data::IN_LARGE),
        figure: String::new(),
        ratio: Spread::of(figures),
        unit: " ms",
        bar: Bar::AtMost(1000.0),
        is_decided: true,
    })
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
