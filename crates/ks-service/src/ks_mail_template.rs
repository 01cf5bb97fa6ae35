//! The service `ks_mail_template` of the plugin `ks`.

use ks_schema::generated::classes::{KsMailTemplate, KsMailTemplateListResponse};
use ks_schema::generated::enums::KsMailKind;
use ks_schema::{ApiError, Field};
use ks_store::{Partner, StoreError};

use crate::call::{Call, database_error};
use crate::generated::ks_mail_template::{List, Reset, Service, Update};
use crate::mail::{Kind, Template, TemplateFault};

/// Texts of mails.
#[derive(Debug, Default)]
pub(crate) struct KsMailTemplates;

impl Service for KsMailTemplates {
    async fn list(&self, call: &Call<'_>, _args: List) -> Result<KsMailTemplateListResponse, ApiError> {
        let account = &call.account()?.partner;
        let objects: Vec<KsMailTemplate> = Kind::ALL.into_iter().map(|kind| describe(account, kind)).collect();
        Ok(KsMailTemplateListResponse {
            total_count: i64::try_from(objects.len()).unwrap_or(i64::MAX).into(),
            objects: objects.into(),
        })
    }

    async fn update(&self, call: &Call<'_>, args: Update) -> Result<KsMailTemplate, ApiError> {
        let sent = args.mail_template;
        let missing = || ApiError::property_validation_cannot_be_null("KalturaKsMailTemplate::kind");
        let kind = of(*sent.kind.get().ok_or_else(missing)?);
        let account = &call.account()?.partner;
        let before = Template::of(account, kind).unwrap_or_else(|| Template::ours(kind));
        let subject = sent.subject.get().unwrap_or(&before.subject);
        let body = sent.body.get().unwrap_or(&before.body);
        let template = Template::checked(subject, body).map_err(refused)?;
        change(call, kind, move |account| template.keep(account, kind)).await
    }

    async fn reset(&self, call: &Call<'_>, args: Reset) -> Result<KsMailTemplate, ApiError> {
        let kind = of(args.kind);
        change(call, kind, move |account| Template::forget(account, kind)).await
    }
}

async fn change(
    call: &Call<'_>,
    kind: Kind,
    change: impl FnOnce(&mut Partner) + Send + 'static,
) -> Result<KsMailTemplate, ApiError> {
    let id = call.account()?.partner.id;
    match call.store().update_partner(id, call.now, change).await {
        Ok(account) => Ok(describe(&account, kind)),
        Err(StoreError::NotFound(_)) => Err(ApiError::unknown_partner_id(id)),
        Err(error) => Err(database_error(&error)),
    }
}

const fn of(kind: KsMailKind) -> Kind {
    match kind {
        KsMailKind::Invitation => Kind::Invitation,
        KsMailKind::InitialPassword => Kind::InitialPassword,
        KsMailKind::Reset => Kind::Reset,
    }
}

fn describe(account: &Partner, kind: Kind) -> KsMailTemplate {
    let own = Template::of(account, kind);
    let custom = own.is_some();
    let Template { subject, body } = own.unwrap_or_else(|| Template::ours(kind));
    KsMailTemplate {
        kind: Field::Set(match kind {
            Kind::Invitation => KsMailKind::Invitation,
            Kind::InitialPassword => KsMailKind::InitialPassword,
            Kind::Reset => KsMailKind::Reset,
        }),
        subject: subject.into(),
        body: body.into(),
        custom: custom.into(),
    }
}

fn refused(fault: TemplateFault) -> ApiError {
    let property = if fault == TemplateFault::Subject { "subject" } else { "body" };
    ApiError::property_validation_wrong_format(format!("KalturaKsMailTemplate::{property}"), fault)
}
