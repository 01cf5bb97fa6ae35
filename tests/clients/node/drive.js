// Drives the published Node client, used as it is, against the server in KS_TEST_URL, and prints what it saw.
// The client is the npm package `kaltura-client`; NODE_PATH says where it was installed.
'use strict';

// The client logs to where the answer of this program goes.
console.log = console.error;

const kaltura = require('kaltura-client');

const env = process.env;
const partner = Number(env.KS_TEST_PARTNER);
const secret = env.KS_TEST_ADMIN_SECRET;
const { session, system } = kaltura.services;
const { ADMIN, USER } = kaltura.enums.SessionType;

function connect(ks) {
  const config = new kaltura.Configuration();
  config.serviceUrl = env.KS_TEST_URL;
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
    return { code: error.code, message: error.message, args: error.args, objectType: error.objectType };
  }
}

async function main() {
  const seen = {};
  const anonymous = connect();
  seen.ping = await system.ping().execute(anonymous);
  seen.time = await system.getTime().execute(anonymous);

  const ks = await session.start(secret, 'alice', ADMIN, partner, 3600, 'edit:0_abc,list:*').execute(anonymous);
  seen.start = ks;
  const client = connect(ks);
  seen.get = await session.get().execute(client);
  seen.end = await session.end().execute(client);
  seen.afterEnd = await refusal(session.get(), client);
  seen.wrongSecret = await refusal(session.start('no-such-secret', '', ADMIN, partner), anonymous);
  seen.brokenKs = await refusal(system.ping(), connect('nonsense'));

  const multi = new kaltura.MultiRequestBuilder();
  multi.add(session.start(secret, 'multi', ADMIN, partner, 3600, ''));
  const get = session.get();
  get.setKs('{1:result}');
  multi.add(get);
  multi.add(session.start(secret, '{2:result:userId}', USER, partner, 3600, ''));
  const answers = await multi.execute(connect());
  const root = connect(await session.start(secret, 'root', ADMIN, partner).execute(anonymous));
  seen.multi = { count: answers.length, second: answers[1], third: await session.get(answers[2]).execute(root) };

  const mixed = new kaltura.MultiRequestBuilder();
  mixed.add(system.ping());
  mixed.add(session.start('no-such-secret', '', ADMIN, partner));
  mixed.add(system.ping());
  seen.mixed = await mixed.execute(connect());
  seen.none = await new kaltura.MultiRequestBuilder().execute(connect());

  process.stdout.write(JSON.stringify(seen));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
