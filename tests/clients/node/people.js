// Lets the published Node client, used as it is, enable a login, log in and change the password, and prints what it saw.
'use strict';

// The client logs to where the answer of this program goes.
console.log = console.error;

const kaltura = require('kaltura-client');

const partner = Number(process.env.KS_TEST_PARTNER);
const secret = process.env.KS_TEST_ADMIN_SECRET;
const { session, user } = kaltura.services;
const email = 'carol@example.com';
const [first, second] = ['a long enough secret', 'another long secret'];

function connect(ks) {
  const config = new kaltura.Configuration();
  config.serviceUrl = process.env.KS_TEST_URL;
  const client = new kaltura.Client(config);
  if (ks !== undefined) {
    client.setKs(ks);
  }
  return client;
}

async function refusal(request, client) {
  try {
    return { answer: await request.execute(client) };
  } catch (error) {
    return error.code;
  }
}

async function main() {
  const seen = {};
  const anonymous = connect();
  const admin = connect(await session.start(secret, 'root', kaltura.enums.SessionType.ADMIN, partner).execute(anonymous));
  const carol = new kaltura.objects.User({ id: 'carol', firstName: 'Carol', lastName: 'Jones', tags: 'a,b' });
  const added = await user.add(carol).execute(admin);
  seen.added = [added.objectType, added.id, added.fullName, added.tags, added.loginEnabled];
  const enabled = await user.enableLogin('carol', email, first).execute(admin);
  seen.enabled = [enabled.loginEnabled, enabled.email];

  const own = connect(await user.loginByLoginId(email, first).execute(anonymous));
  seen.own = (await user.get().execute(own)).id;
  seen.other = await refusal(user.get('root'), own);
  seen.changed = await user.updateLoginData(email, first, '', second).execute(anonymous);
  seen['old session'] = await refusal(user.get(), own);
  seen['old password'] = await refusal(user.loginByLoginId(email, first), anonymous);
  seen['new session'] = (await user.get().execute(connect(await user.loginByLoginId(email, second).execute(anonymous)))).id;
  seen['by id'] = (await user.get().execute(connect(await user.login(partner, 'carol', second).execute(anonymous)))).id;

  const listed = await user.listAction(new kaltura.objects.UserFilter({ idEqual: 'carol' })).execute(admin);
  seen.listed = [listed.totalCount, listed.objects[0].id, listed.objects[0].isAdmin];
  await user.deleteAction('carol').execute(admin);
  seen.deleted = await refusal(user.loginByLoginId(email, second), anonymous);
  process.stdout.write(JSON.stringify(seen));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
