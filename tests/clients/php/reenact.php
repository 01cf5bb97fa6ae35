<?php
// A RE-ENACTMENT of the published PHP client, not the client itself: that one is not on any package registry, and
// its code is not ours to copy. Written from the description of what it sends (wire protocol, section 9):
// format 3, scalars as text, kalsig = md5 of the JSON of the recursively key-sorted parameters, ignoreNull,
// Accept-Encoding gzip,deflate, no User-Agent, errors recognised as an array with `message` and `code`, and version 1
// tokens minted locally with seven fields.

error_reporting(E_ALL);
set_error_handler(function (int $level, string $text): bool {
    throw new ErrorException($text, 0, $level);
});

#[AllowDynamicProperties]
class KalturaSessionInfo
{
}

class Refused extends Exception
{
    public function __construct(public string $name, string $text, public array $args)
    {
        parent::__construct($text);
    }
}

class Client
{
    public ?string $ks = null;

    public function __construct(private string $url)
    {
    }

    public function call(string $service, string $action, array $params): mixed
    {
        return $this->post("/api_v3/service/$service/action/$action", $this->withKs($params));
    }

    public function multi(array $calls): mixed
    {
        $params = [];
        foreach ($calls as $index => [$service, $action, $arguments]) {
            $params[(string) $index] = $this->withKs(['service' => $service, 'action' => $action] + $arguments);
        }
        return $this->post('/api_v3/service/multirequest', $params);
    }

    private function withKs(array $params): array
    {
        return $this->ks === null ? $params : $params + ['ks' => $this->ks];
    }

    private function post(string $path, array $params): mixed
    {
        $params += ['format' => 3, 'clientTag' => 'php-reenacted', 'apiVersion' => '22.19.0', 'ignoreNull' => true];
        $params = self::asText($params);
        self::sort($params);
        $params['kalsig'] = md5(json_encode($params));
        $context = stream_context_create(['http' => [
            'method' => 'POST',
            'header' => ['Content-Type: application/json', 'Accept: */*', 'Accept-Encoding: gzip,deflate'],
            'content' => json_encode($params),
            'protocol_version' => 1.1,
            'ignore_errors' => true,
        ]]);
        $body = file_get_contents($this->url . $path, false, $context);
        if (!str_contains($http_response_header[0], ' 200')) {
            throw new ErrorException("HTTP: {$http_response_header[0]}");
        }
        foreach ($http_response_header as $line) {
            if (preg_match('/^Content-Encoding:\s*(\w+)/i', $line, $found)) {
                $body = zlib_decode($body);
            }
        }
        $value = unserialize($body);
        if ($value === false && $body !== serialize(false)) {
            throw new ErrorException("unserialize refuses $body");
        }
        if (is_array($value) && isset($value['message'], $value['code'])) {
            throw new Refused($value['code'], $value['message'], $value['args']);
        }
        return $value;
    }

    /** All scalars but booleans go out as text. */
    private static function asText(array $params): array
    {
        return array_map(fn ($value) => match (true) {
            is_array($value) => self::asText($value),
            is_bool($value) => $value,
            default => (string) $value,
        }, $params);
    }

    private static function sort(array &$params): void
    {
        ksort($params);
        foreach ($params as &$value) {
            if (is_array($value)) {
                self::sort($value);
            }
        }
    }
}

/** A version 1 token: base64 of the signature, a bar, and seven fields. */
function mint(string $secret, string $user, int $type, int $partner, int $expiry, string $privileges): string
{
    $fields = [$partner, $partner, time() + $expiry, $type, random_int(0, 32000), $user, $privileges];
    $info = implode(';', $fields);
    return base64_encode(sha1($secret . $info) . '|' . $info);
}

function refusal(callable $call): array
{
    try {
        return ['answer' => $call()];
    } catch (Refused $error) {
        return ['code' => $error->name, 'message' => $error->getMessage(), 'args' => $error->args];
    }
}

$partner = (int) getenv('KS_TEST_PARTNER');
$secret = getenv('KS_TEST_ADMIN_SECRET');
$client = new Client(getenv('KS_TEST_URL'));
$start = fn (array $more) => $more + ['secret' => $secret, 'partnerId' => $partner, 'expiry' => 3600];
$seen = [];

$seen['ping'] = $client->call('system', 'ping', []);
$seen['start'] = $client->call('session', 'start', $start(['userId' => 'alice', 'type' => 2, 'privileges' => 'edit:0_abc']));
$seen['wrong secret'] = refusal(fn () => $client->call('session', 'start', ['secret' => 'no-such-secret'] + $start(['type' => 2])));
$client->ks = $seen['start'];
$seen['get'] = $client->call('session', 'get', []);
$seen['end'] = $client->call('session', 'end', []);
$seen['after end'] = refusal(fn () => $client->call('session', 'get', []));

$client->ks = mint($secret, 'zoë & co', 2, $partner, 3600, 'edit:0_abc,list:*');
$seen['minted'] = $client->call('session', 'get', []);
$seen['minted end'] = $client->call('session', 'end', []);
$seen['minted after end'] = refusal(fn () => $client->call('session', 'get', []));

$client->ks = null;
$answers = $client->multi([
    ['session', 'start', $start(['userId' => 'multi', 'type' => 2])],
    ['session', 'get', ['ks' => '{1:result}']],
    ['session', 'start', ['secret' => 'no-such-secret', 'partnerId' => $partner]],
    ['session', 'get', ['ks' => '{1:result}', 'session' => '{1:result}']],
]);
$seen['multi'] = array_map(fn ($answer) => is_object($answer) ? get_object_vars($answer) : $answer, $answers);

foreach (['get', 'minted'] as $name) {
    $seen[$name] = ['class' => get_class($seen[$name])] + get_object_vars($seen[$name]);
}
echo json_encode($seen, JSON_THROW_ON_ERROR);
