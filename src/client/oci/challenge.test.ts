import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { parseChallenges } from './challenge.ts';

function read(header: string): unknown {
  return parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
}

describe('a WWW-Authenticate header', () => {
  test.each([
    ['', []],
    ['Basic realm="x"', [['basic', { realm: 'x' }]]],
    ['Basic', [['basic', {}]]],
    [
      'Basic, Bearer realm=x',
      [
        ['basic', {}],
        ['bearer', { realm: 'x' }],
      ],
    ],
    [
      'Bearer realm="https://h/token",service="s",scope="repository:a/b:pull,push"',
      [['bearer', { realm: 'https://h/token', service: 's', scope: 'repository:a/b:pull,push' }]],
    ],
    [
      'Bearer realm="https://h/token", error="insufficient_scope" , Basic realm="a, b \\"c\\" \\\\"',
      [
        ['bearer', { realm: 'https://h/token', error: 'insufficient_scope' }],
        ['basic', { realm: 'a, b "c" \\' }],
      ],
    ],
    [
      'Negotiate YII==, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'Negotiate YII, Basic realm="x"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    ['BEARER REALM = "x" , Service = y', [['bearer', { realm: 'x', service: 'y' }]]],
    [',, Basic realm="x",,', [['basic', { realm: 'x' }]]],
    ['Basic realm="x", realm="y"', [['basic', { realm: 'x' }]]],
    ['Basic realm="no end', [['basic', { realm: 'no end' }]]],
  ])('%s', (header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9!#$&^_.+-]{0,8}$/);
  const value = fc.string({ maxLength: 20 }).filter((text) => !/\p{Cc}/u.test(text));
  const challenge = fc.tuple(
    token,
    fc.uniqueArray(fc.tuple(token, value), { maxLength: 4, selector: ([name]) => name.toLowerCase() }),
  );

  test('is read back, whatever the quoted values contain', () => {
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), fc.constantFrom(',', ', ', ' , '), (challenges, comma) => {
        const header = challenges
          .map(([scheme, parameters]) =>
            [scheme, parameters.map(([name, text]) => `${name}="${text.replace(/["\\]/g, '\\$&')}"`).join(comma)].join(
              parameters.length > 0 ? ' ' : '',
            ),
          )
          .join(comma);
        expect(read(header)).toEqual(
          challenges.map(([scheme, parameters]) => [
            scheme.toLowerCase(),
            Object.fromEntries(parameters.map(([name, text]) => [name.toLowerCase(), text])),
          ]),
        );
      }),
    );
  });

  test('of any other kind ends the reading, not the program', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseChallenges(text)));
  });
});
