//! Further kinds of sessions: with a role of the account, of an app token, of a login. They have no columns; what they
//! may call follows from a rule that the table states.

use std::collections::BTreeSet;

use ks_schema::{AppTokenId, UserId};
use ks_store::{NewAppToken, NewUser};
use ks_tests::contract;
use ks_tests::house::{Account, House, now};
use serde_json::{Value, json};
use sha1::Digest as _;

use super::calls::arguments;
use super::own_errors;
use super::permissions::{granting, is_inner};
use super::table::{Cell, Kind, Rule, Table};

const PASSWORD: &str = "a long enough secret";

/// An account in which one kind of session is started.
struct Place<'h> {
    house: &'h House,
    account: Account,
    kind: &'h Kind,
    role: i64,
}

impl<'h> Place<'h> {
    fn set(house: &'h House, kind: &'h Kind, number: i32) -> Self {
        let account = house.account(number);
        let role = house.role(&account, "THE_ROLE", &kind.permissions.join(","));
        let admin = kind.session == "admin";
        match kind.how.as_str() {
            "role" => {
                let roles = vec![ks_schema::RoleId::new(role)];
                let new = NewUser { role_ids: roles, is_admin: admin, ..named(&account, "somebody") };
                house.wait(house.store.add_user(new, now())).expect("a user");
            }
            "login" => house.person(&account, "somebody", admin, &email(&account), PASSWORD),
            _ => house.user(&account, "somebody", &[]),
        }
        Self { house, account, kind, role }
    }

    /// A session of its own for each call, because calls end sessions.
    fn session(&self) -> String {
        let (account, role) = (&self.account, self.role);
        let number = if self.kind.session == "admin" { 2 } else { 0 };
        match self.kind.how.as_str() {
            "role" => account.mint(number, "somebody", ""),
            "setrole" => account.mint(number, "somebody", &format!("setrole:{role}")),
            "restrictingrole" => account.mint(number, "somebody", &format!("restrictingrole:{role}")),
            "apptoken" => self.by_app_token(),
            "login" => {
                let login = json!({"loginId": email(account), "password": PASSWORD});
                self.house.good("user.loginByLoginId", &login).as_str().expect("a token").to_owned()
            }
            other => panic!("the table has a kind that the test does not know: {other}"),
        }
    }

    fn by_app_token(&self) -> String {
        let new = NewAppToken {
            session_type: Some(if self.kind.session == "admin" { 2 } else { 0 }),
            session_user_id: Some("somebody".to_owned()),
            ..NewAppToken::of(self.account.partner())
        };
        let token = self.house.wait(self.house.store.add_app_token(new, now())).expect("an app token");
        let id: &AppTokenId = &token.id;
        let widget = self.account.mint(0, "0", "view:*,widget:1");
        let proof = sha1::Sha1::digest(format!("{widget}{}", token.token.expose()));
        let proof: String = proof.iter().map(|byte| format!("{byte:02x}")).collect();
        let params = json!({"ks": widget, "id": id.as_str(), "tokenHash": proof});
        let started = self.house.good("appToken.startSession", &params);
        started["ks"].as_str().expect("a token").to_owned()
    }
}

fn named(account: &Account, id: &str) -> NewUser {
    NewUser::named(account.partner(), UserId::new(id))
}

fn email(account: &Account) -> String {
    format!("somebody{}@example.com", account.id)
}

/// What a kind of session is told, by its rule.
fn expected(table: &Table, contract: &Value, kind: &Kind, action: &str, cells: &[Cell]) -> Cell {
    let (yes, no) = (Cell::new("allow"), Cell::new("SERVICE_FORBIDDEN"));
    let granting: BTreeSet<String> = granting(contract, action).into_iter().filter(|name| !is_inner(name)).collect();
    let named = |name: &String| kind.permissions.contains(name);
    // The plugin's own actions are in no permission of the protocol: they belong to those who have all.
    let is_ours = contract::service(contract, action.split('.').next().unwrap_or_default()).is_none();
    let opens = match &kind.rule {
        Rule::Like(column) => {
            let at = table.callers.iter().position(|caller| caller == column);
            return at.and_then(|at| cells.get(at)).unwrap_or_else(|| panic!("no column {column}")).clone();
        }
        Rule::Only => granting.iter().any(|name| named(name) || name == "ALWAYS_ALLOWED_ACTIONS"),
        Rule::AllBut => is_ours || granting.iter().any(|name| !named(name)),
    };
    if opens { yes } else { no }
}

fn check(how: &[&str]) {
    let (table, contract, house) = (Table::load(), contract::load(), House::build());
    let kinds = table.kinds.iter().filter(|kind| how.contains(&kind.how.as_str()));
    let mut wrong = Vec::new();
    for (kind, number) in kinds.zip(511..) {
        let place = Place::set(&house, kind, number);
        for (action, cells) in &table.rows {
            let mut params = arguments(&house, action, &place.account);
            params["ks"] = json!(place.session());
            let answer = house.call(action, &params);
            let cell = expected(&table, &contract, kind, action, cells);
            if let Err(why) = cell.judge(&answer, action, &own_errors(&contract, action)) {
                wrong.push(format!("{action} {}: {why}", kind.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cells disagree:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn roles_open_what_their_permissions_do() {
    check(&["role", "setrole", "restrictingrole"]);
}

#[test]
fn sessions_of_app_tokens_may_what_others_of_their_type_may() {
    check(&["apptoken"]);
}

#[test]
fn sessions_of_logins_may_what_others_of_their_type_may() {
    check(&["login"]);
}

/// All kinds are in the table, and each rule both opens and closes something: else it would say nothing.
#[test]
fn each_rule_opens_something_and_closes_something() {
    let (table, contract) = (Table::load(), contract::load());
    let how: BTreeSet<&str> = table.kinds.iter().map(|kind| kind.how.as_str()).collect();
    assert_eq!(how, BTreeSet::from(["role", "setrole", "restrictingrole", "apptoken", "login"]));
    for kind in &table.kinds {
        let told = table.rows.iter().map(|(action, cells)| expected(&table, &contract, kind, action, cells));
        let open = told.filter(|cell| cell.expected() == "allow").count();
        assert!(open > 20 && open < table.rows.len(), "{}: {open} of {}", kind.name, table.rows.len());
    }
}
