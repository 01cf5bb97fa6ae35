<?php
// Reads answers of format 3 as PHP clients do: `unserialize` into classes of the same names.
//
// Input: one JSON list of base64 answers. Output: one JSON list of the values; an object carries its class as
// `objectType`. The classes are stubs made from the published contract, with no room for properties that a class
// does not have; classes of our own plugin are not in the contract and take any.

error_reporting(E_ALL);
set_error_handler(function (int $level, string $text): bool {
    throw new ErrorException($text, 0, $level);
});

$contract = json_decode(file_get_contents(__DIR__ . '/../../data/contract.json'), true)['classes'];

spl_autoload_register(function (string $class) use ($contract): void {
    if (!preg_match('/^Kaltura[A-Za-z0-9]+$/', $class)) {
        return;
    }
    if ($class === 'KalturaObject') {
        eval('class KalturaObject { public $relatedObjects; }');
        return;
    }
    if (!isset($contract[$class])) {
        eval("#[AllowDynamicProperties] class $class extends KalturaObject {}");
        return;
    }
    $base = $contract[$class]['base'] ?? 'KalturaObject';
    $properties = '';
    foreach ($contract[$class]['properties'] as $property) {
        $properties .= 'public $' . $property['name'] . ';';
    }
    eval("class $class extends $base { $properties }");
});

function plain($value, bool $inside = false)
{
    if (is_object($value)) {
        if ($value instanceof __PHP_Incomplete_Class) {
            throw new ErrorException('a class that no client has');
        }
        $out = [];
        foreach (get_object_vars($value) as $name => $content) {
            // What the answer does not have, the stub holds as null.
            if ($content !== null) {
                $out[$name] = plain($content, true);
            }
        }
        $out['objectType'] = get_class($value);
        return $out;
    }
    if (is_array($value)) {
        return array_map(fn ($content) => plain($content, true), $value);
    }
    return $value;
}

$out = [];
foreach (json_decode(stream_get_contents(STDIN), true) as $answer) {
    $text = base64_decode($answer, true);
    $value = unserialize($text);
    if (serialize($value) === '' || ($value === false && $text !== 'b:0;')) {
        throw new ErrorException("unserialize refuses $text");
    }
    $out[] = plain($value);
}
echo json_encode($out, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION);
