"""Goes through AWS KMS's operations with boto3. The endpoint's address is the first argument; the rest comes from
the environment, as boto3 reads it. Prints one word for each step that held."""

import json
import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

config = Config(retries={"max_attempts": 1})
kms = boto3.client("kms", endpoint_url=sys.argv[1], config=config)
account, region = "000000000000", kms.meta.region_name


def step(word, holds):
    assert holds, word
    print(word)


def refused(code, call, **fields):
    try:
        call(**fields)
    except ClientError as error:
        return error.response["Error"]["Code"] == code
    return False


made = kms.create_key(Description="boto3", Tags=[{"TagKey": "from", "TagValue": "boto3"}])["KeyMetadata"]
key, arn = made["KeyId"], made["Arn"]
step("create", arn == f"arn:aws:kms:{region}:{account}:key/{key}" and made["CreationDate"].year >= 2026)
kms.create_alias(AliasName="alias/boto3", TargetKeyId=key)
names = [one["AliasName"] for page in kms.get_paginator("list_aliases").paginate() for one in page["Aliases"]]
step("alias", "alias/boto3" in names and kms.describe_key(KeyId="alias/boto3")["KeyMetadata"]["Arn"] == arn)

context = {"customer": "4711", "sprache": "Ä"}
blob = kms.encrypt(KeyId="alias/boto3", Plaintext=b"hello", EncryptionContext=context)["CiphertextBlob"]
step("encrypt", kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"hello")
step("context", refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=blob))
data = kms.generate_data_key(KeyId=arn, KeySpec="AES_256")
step("data-key", kms.decrypt(CiphertextBlob=data["CiphertextBlob"])["Plaintext"] == data["Plaintext"])
pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256")
step("pair", kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"] == pair["PrivateKeyPlaintext"])

kms.enable_key_rotation(KeyId=key)
step("rotation", kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"])
if hasattr(kms, "rotate_key_on_demand"):
    kms.rotate_key_on_demand(KeyId=key)
step("old-version", kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"hello")

policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
policy["Statement"].append(
    {
        "Sid": "NoRandomTags",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "kms:UntagResource",
        "Resource": "*",
    }
)
kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(policy))
step("policy", refused("AccessDeniedException", kms.untag_resource, KeyId=key, TagKeys=["from"]))

grantee = f"arn:aws:iam::{account}:user/cli"
grant = kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["Decrypt"])
listed = [one["GrantId"] for one in kms.list_grants(KeyId=key)["Grants"]]
kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])
step("grant", listed == [grant["GrantId"]] and kms.list_grants(KeyId=key)["Grants"] == [])

signing = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
how = {"KeyId": signing, "Message": b"text", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
signature = kms.sign(**how)["Signature"]
step("sign", kms.verify(Signature=signature, **how)["SignatureValid"])
step("signature", refused("KMSInvalidSignatureException", kms.verify, Signature=signature, **{**how, "Message": b"other"}))
mac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
how = {"KeyId": mac, "Message": b"text", "MacAlgorithm": "HMAC_SHA_256"}
step("mac", kms.verify_mac(Mac=kms.generate_mac(**how)["Mac"], **how)["MacValid"])

external = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
wanted = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
parameters = kms.get_parameters_for_import(KeyId=external, **wanted)
public = serialization.load_der_public_key(parameters["PublicKey"])
oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
kms.import_key_material(
    KeyId=external,
    ImportToken=parameters["ImportToken"],
    EncryptedKeyMaterial=public.encrypt(os.urandom(32), oaep),
    ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
)
blob = kms.encrypt(KeyId=external, Plaintext=b"imported")["CiphertextBlob"]
step("import", kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"imported")

state = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)["KeyState"]
gone = refused("KMSInvalidStateException", kms.encrypt, KeyId=key, Plaintext=b"x")
kms.cancel_key_deletion(KeyId=key)
step("deletion", state == "PendingDeletion" and gone and kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled")
