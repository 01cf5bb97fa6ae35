// From a widget's session to an administrator's with an app token, by the published Node client, used as it is.
// The client is the npm package `kaltura-client`; NODE_PATH says where it was installed.
'use strict';

// The client logs to where the answer of this program goes.
console.log = console.error;

const { createHash } = require('crypto');
const kaltura = require('kaltura-client');

const env = process.env;
const partner = Number(env.KS_TEST_PARTNER);
const { appToken, session } = kaltura.services;
const { ADMIN } = kaltura.enums.SessionType;

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
    return { code: error.code, message: error.message };
  }
}

async function main() {
  const seen = {};
  const root = connect(await session.start(env.KS_TEST_ADMIN_SECRET, 'root', ADMIN, partner).execute(connect()));
  for (const name of ['MD5', 'SHA1', 'SHA256', 'SHA512']) {
    const wanted = new kaltura.objects.AppToken({
      hashType: kaltura.enums.AppTokenHashType[name],
      sessionType: ADMIN,
      sessionUserId: 'robot',
      sessionDuration: 600,
      sessionPrivileges: 'edit:*',
      description: 'by the Node client',
    });
    const token = await appToken.add(wanted).execute(root);
    const widget = (await session.startWidgetSession(`_${partner}`).execute(connect())).ks;
    const proof = createHash(name.toLowerCase()).update(widget + token.token).digest('hex');
    const info = await appToken.startSession(token.id, proof).execute(connect(widget));
    const client = connect(info.ks);
    const listed = await appToken.listAction().execute(client);
    const wrong = await refusal(appToken.startSession(token.id, proof.slice(1)), connect(widget));
    const deleted = await appToken.deleteAction(token.id).execute(root);
    seen[name] = {
      id: token.id,
      userId: info.userId,
      sessionType: info.sessionType,
      privileges: info.privileges,
      listed: listed.totalCount,
      wrong,
      deleted,
      after: await refusal(appToken.listAction(), client),
      again: await refusal(appToken.startSession(token.id, proof), connect(widget)),
    };
  }
  process.stdout.write(JSON.stringify(seen));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
