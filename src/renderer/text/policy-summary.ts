import { conditionKeyText, OPERATORS } from './condition-keys.ts';
import { list } from './format.ts';
import { ownValue } from './own-property.ts';

/*
 * A policy in plain words. The text was checked by the service before: what stands here only puts it differently,
 * and decides nothing.
 */

/** A statement in words: who, what, on what else than this key, and under which conditions. */
export type StatementSummary = {
  readonly title: string;
  readonly allows: boolean;
  readonly who: string;
  readonly what: string;
  readonly where: string | undefined;
  readonly conditions: readonly string[];
};

type Json = { readonly [name: string]: unknown };

const DOES: { readonly [action: string]: string } = {
  '*': 'do everything',
  'kms:*': 'do everything',
  'kms:encrypt': 'encrypt',
  'kms:decrypt': 'decrypt (open files)',
  'kms:generatedatakey': 'make data keys (encrypt files)',
  'kms:generatedatakey*': 'make data keys (encrypt files)',
  'kms:generatedatakeywithoutplaintext': 'make data keys unseen',
  'kms:generatedatakeypair': 'make key pairs',
  'kms:generatedatakeypairwithoutplaintext': 'make key pairs unseen',
  'kms:retiregrant': 'retire the grant',
  'kms:reencrypt*': 're-encrypt',
  'kms:reencryptfrom': 're-encrypt away from it',
  'kms:reencryptto': 're-encrypt to it',
  'kms:sign': 'sign',
  'kms:verify': 'verify signatures',
  'kms:generatemac': 'make message codes',
  'kms:verifymac': 'verify message codes',
  'kms:derivesharedsecret': 'agree on secrets',
  'kms:encapsulate': 'send secrets',
  'kms:decapsulate': 'receive secrets',
  'kms:getpublickey': 'read the public key',
  'kms:describekey': 'look at the key',
  'kms:getkeypolicy': 'read this policy',
  'kms:putkeypolicy': 'change this policy',
  'kms:creategrant': 'make grants',
  'kms:listgrants': 'list grants',
  'kms:revokegrant': 'revoke grants',
  'kms:schedulekeydeletion': 'have the key deleted',
  'kms:cancelkeydeletion': 'take a deletion back',
  'kms:disablekey': 'disable the key',
  'kms:enablekey': 'enable the key',
  'kms:rotatekeyondemand': 'make new versions',
  'kms:list*': 'list everything',
  'kms:describe*': 'look at everything',
  'kms:get*': 'read everything',
  'kms:createkey': 'make keys',
  'kms:createalias': 'give it names',
  'kms:updatealias': 'move its names',
  'kms:deletealias': 'take its names away',
  'kms:tagresource': 'tag the key',
  'kms:untagresource': 'take tags off the key',
  'kms:updatekeydescription': 'change its description',
  'kms:enablekeyrotation': 'have it rotate by itself',
  'kms:disablekeyrotation': 'stop it from rotating by itself',
  'kms:getparametersforimport': 'prepare an import',
  'kms:importkeymaterial': 'import material',
  'kms:deleteimportedkeymaterial': 'delete imported material',
  'keyward:disablekeyversion': 'disable a version',
  'keyward:enablekeyversion': 'enable a version',
  'keyward:listclients': 'see the clients of the endpoint',
  'keyward:createclient': 'make clients of the endpoint',
  'keyward:revokeclient': 'revoke clients of the endpoint',
  'keyward:serveendpoint': 'start the endpoint',
  'keyward:readaudit': 'read the log',
  'keyward:rebuildauditindex': 'build the search index of the log anew',
  'keyward:readcatalog': 'see which files a key opens',
  'keyward:readsettings': 'read settings',
  'keyward:setconfig': 'change settings',
  'keyward:exportkeymaterial': 'export the material',
};

/** The statements of a policy in words; `undefined` for a text that is none. */
export function summarizePolicy(text: string): readonly StatementSummary[] | undefined {
  try {
    const { Statement } = JSON.parse(text) as Json;
    return several(Statement).map((one, n) => statementSummary(one as Json, n));
  } catch {
    return undefined;
  }
}

function statementSummary(statement: Json, n: number): StatementSummary {
  const allows = statement['Effect'] === 'Allow';
  const { Sid, Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition } = statement;
  return {
    title: typeof Sid === 'string' && Sid !== '' ? Sid : `Statement ${n + 1}`,
    allows,
    who:
      NotPrincipal === undefined ? whoOf(Principal, allows) : `everybody but ${whoOf(NotPrincipal, false)}`,
    what:
      NotAction === undefined
        ? list(texts(Action).map(actionText), allows ? 'and' : 'or')
        : `do everything but ${list(texts(NotAction).map(actionText))}`,
    where: whereOf(Resource, NotResource),
    conditions: conditionsOf(Condition),
  };
}

/** An action of a policy in words. */
export function actionText(action: string): string {
  const known = ownValue(DOES, action.toLowerCase());
  if (known !== undefined) return known;
  const name = action.replace(/^kms:/i, '');
  return /[*?]/.test(name) ? `whatever is like ${name}` : name;
}

function whoOf(principal: unknown, allows: boolean): string {
  if (principal === '*') return 'everybody';
  const kinds = typeof principal === 'object' && principal !== null ? Object.values(principal) : [];
  return list(kinds.flatMap(texts).map((one) => principalText(one, allows)));
}

const YOU: { readonly [user: string]: string } = {
  owner: 'you in the window',
  cli: 'you in the command',
  operator: 'you as operator',
  auditor: 'you as auditor',
};

/** A principal in words; `delegates`: naming the account only lets the policies of its users decide. */
export function principalText(principal: string, delegates: boolean): string {
  if (principal === '*') return 'everybody';
  if (/^\d{12}$/.test(principal) || principal.endsWith(':root')) {
    return delegates ? 'whoever has a policy of their own that lets them' : 'everybody of the account';
  }
  const user = /:user\/(?:.*\/)?([^/]+)$/.exec(principal)?.[1];
  return user === undefined ? principal : (ownValue(YOU, user) ?? `client ${user}`);
}

function whereOf(resource: unknown, notResource: unknown): string | undefined {
  if (notResource !== undefined) return `on everything but ${list(texts(notResource))}`;
  if (resource === undefined) return 'on nothing: the statement names no Resource';
  const named = texts(resource);
  return named.some((one) => /^\*+$/.test(one)) ? undefined : `on ${list(named)}`;
}

function conditionsOf(condition: unknown): readonly string[] {
  if (typeof condition !== 'object' || condition === null) return [];
  return Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(keys as Json).map(([key, values]) => conditionOf(operator, key, texts(values))),
  );
}

function conditionOf(operator: string, key: string, values: readonly string[]): string {
  const [, set, base = '', ifExists] =
    /^(?:(ForAnyValue|ForAllValues):)?(.+?)(IfExists)?$/.exec(operator) ?? [];
  const what = conditionKeyText(key);
  const subject = set === undefined ? what : set === 'ForAnyValue' ? `one of: ${what}` : `all of: ${what}`;
  const optional = ifExists === undefined ? '' : ', or there is none';
  if (base === 'Null') return `${what} ${values[0] === 'true' ? 'is missing' : 'is there'}`;
  return `${subject} ${ownValue(OPERATORS, base) ?? base} ${list(values, 'or')}${optional}`;
}

function several(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function texts(value: unknown): readonly string[] {
  return several(value)
    .filter((one) => one !== undefined)
    .map(String);
}
