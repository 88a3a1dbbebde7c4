<?php
// A client as wolkvox' customers write it: cURL, and the body as a JSON string.
$curl = curl_init();

curl_setopt_array($curl, array(
  CURLOPT_URL => $argv[1] . '/server/API/v2/cases/updateCaseAttachment.php',
  CURLOPT_RETURNTRANSFER => true,
  CURLOPT_ENCODING => '',
  CURLOPT_MAXREDIRS => 10,
  CURLOPT_TIMEOUT => 0,
  CURLOPT_FOLLOWLOCATION => true,
  CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_1,
  CURLOPT_CUSTOMREQUEST => 'POST',
  CURLOPT_POSTFIELDS =>'{
    "operation": "' . $argv[3] . '",
    "wolkvox-id": "' . $argv[4] . '",
    "case-type": "Request",
    "responsible": "ann@' . $argv[3] . '",
    "owner": "dia@' . $argv[3] . '",
    "contact": "grace@acme.example",
    "description": "Edited by PHP",
    "form": {},
    "status": "open",
    "priority": "low",
    "attachments": []
}',
  CURLOPT_HTTPHEADER => array(
    'Wolkvox-Token: ' . $argv[2],
    'Content-Type: application/json'
  ),
));

$response = curl_exec($curl);
curl_close($curl);
echo $response;
