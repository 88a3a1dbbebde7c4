<?php
// A receiver of Ticket Status as VCC Live's customers have it: the body is decrypted with
// openssl_decrypt, the initialization vector is in the address. It writes down what it hears.
// In the environment: LOG, the file; KEY and CIPHER, if bodies are encrypted; FAIL, how many
// requests it refuses first.
$log = getenv('LOG');
$heard = file_exists($log) ? count(file($log)) : 0;
$body = file_get_contents('php://input');
$status = $heard < (int) getenv('FAIL') ? 500 : 200;

$key = getenv('KEY');
if ($key !== false) {
    $iv = isset($_GET['iv']) ? hex2bin($_GET['iv']) : '';
    $body = @openssl_decrypt($body, getenv('CIPHER'), $key, 0, $iv);
}
$said = json_decode($body === false ? '' : $body, true);
if ($said === null && $_SERVER['REQUEST_METHOD'] === 'GET') {
    $said = ['action' => $_GET['action'], 'ticket' => $_GET['ticket']];
}
if ($said === null) {
    $status = 401;
}
file_put_contents($log, json_encode([
    'method' => $_SERVER['REQUEST_METHOD'],
    'path' => parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH),
    'query' => $_GET,
    'type' => $_SERVER['CONTENT_TYPE'] ?? null,
    'status' => $status,
    'said' => $said,
]) . "\n", FILE_APPEND | LOCK_EX);
http_response_code($status);
