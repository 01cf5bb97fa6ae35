// Lets the published Node client, used as it is, make a channel, manage its members and list categories page by page,
// and prints what it saw.
'use strict';

// The client logs to where the answer of this program goes.
console.log = console.error;

const kaltura = require('kaltura-client');

const partner = Number(process.env.KS_TEST_PARTNER);
const secret = process.env.KS_TEST_ADMIN_SECRET;
const { session, category, categoryUser } = kaltura.services;
const level = kaltura.enums.CategoryUserPermissionLevel;
const context = 'campus';

async function connect(user, kind, privileges) {
  const config = new kaltura.Configuration();
  config.serviceUrl = process.env.KS_TEST_URL;
  const client = new kaltura.Client(config);
  client.setKs(await session.start(secret, user, kind, partner, 3600, privileges).execute(client));
  return client;
}

async function refusal(request, client) {
  try {
    return { answer: await request.execute(client) };
  } catch (error) {
    return error.code;
  }
}

async function pages(client, filter) {
  const names = [];
  for (let pageIndex = 1; ; pageIndex += 1) {
    const pager = new kaltura.objects.FilterPager({ pageSize: 5, pageIndex });
    const page = await category.listAction(filter, pager).execute(client);
    names.push(...page.objects.map((found) => found.name));
    if (page.objects.length < 5) {
      return [page.totalCount, names];
    }
  }
}

async function main() {
  const seen = {};
  const staff = await connect('staff', kaltura.enums.SessionType.ADMIN, 'all:*,disableentitlement');
  const add = (fields) => category.add(new kaltura.objects.Category(fields)).execute(staff);
  const site = await add({ name: 'Site', privacyContext: context });
  const channels = await add({ name: 'Channels', parentId: site.id });
  const channel = await add({
    name: 'Algebra',
    parentId: channels.id,
    privacy: kaltura.enums.PrivacyType.MEMBERS_ONLY,
    owner: 'prof',
    description: 'Linear',
  });
  seen.channel = [channel.fullName, channel.owner, channel.membersCount, channel.privacyContexts];
  for (const [userId, permissionLevel] of [['anna', level.MEMBER], ['bert', level.CONTRIBUTOR], ['carl', level.MODERATOR]]) {
    const member = new kaltura.objects.CategoryUser({ categoryId: channel.id, userId, permissionLevel });
    await categoryUser.add(member).execute(staff);
  }
  const change = new kaltura.objects.CategoryUser({ permissionLevel: level.CONTRIBUTOR });
  seen.changed = (await categoryUser.update(channel.id, 'anna', change, true).execute(staff)).permissionNames;
  await categoryUser.deleteAction(channel.id, 'carl').execute(staff);
  seen.members = (await category.get(channel.id).execute(staff)).membersCount;
  const week = await add({ name: 'Week 1', parentId: channel.id, inheritanceType: kaltura.enums.InheritanceType.INHERIT });

  const of = (fields) => categoryUser.listAction(new kaltura.objects.CategoryUserFilter(fields)).execute(staff);
  const ofAnna = await of({ userIdEqual: 'anna' });
  seen.affiliations = ofAnna.objects.map((found) => [found.categoryId === channel.id, found.status]);
  const ofWeek = await of({ categoryIdEqual: week.id, orderBy: '+createdAt' });
  seen['of the week'] = ofWeek.objects.map((found) => found.userId);

  for (let number = 1; number < 8; number += 1) {
    await add({ name: `Room ${number}`, parentId: channels.id });
  }
  const orderBy = '+fullName';
  seen['pages of staff'] = await pages(staff, new kaltura.objects.CategoryFilter({ orderBy }));
  const anna = await connect('anna', kaltura.enums.SessionType.USER, `privacycontext:${context}`);
  const below = new kaltura.objects.CategoryFilter({ orderBy, fullNameStartsWith: 'Site>Channels>' });
  seen['pages of anna'] = await pages(anna, below);
  seen.entitled = await refusal(category.get(channel.id), await connect('staff', kaltura.enums.SessionType.ADMIN, ''));
  seen.user = await refusal(category.add(new kaltura.objects.Category({ name: 'Mine' })), anna);
  seen.moved = await category.move(String(week.id), channels.id).execute(staff);
  const moved = await category.get(week.id).execute(staff);
  seen['new place'] = [moved.fullName, moved.membersCount];
  await category.deleteAction(channel.id).execute(staff);
  seen.deleted = await refusal(category.get(channel.id), staff);
  process.stdout.write(JSON.stringify(seen));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
