"""TLS settings in the three forms that are wanted: an `ssl` context, kombu's dictionary, the broker's own files.

Found by running them: kombu's dictionary without `server_hostname` connects without checking the host name and says
nothing, and with None it takes the first broker's name for all; RabbitMQ 3.10 checks revocation only as told in
`advanced.config`, where the whole `ssl_options` list must then stand.
"""

import ssl
from pathlib import Path
from typing import Any, Final

from certs import files
from schemas.errors import YunhuobanError, declare

TLS_UNUSABLE: Final = declare(
    "E-CERT-090",
    "TLS 设置用不了：证书、私钥或根证书不匹配或读不出来。",
    "请核对三个文件的路径，以及证书与私钥是否为一对。",
)

_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"


def client_context(anchors_pem: Path, chain_pem: Path, key_pem: Path) -> ssl.SSLContext:
    """TLS 1.2 or later, our anchors only, host name checked, our own certificate shown. Raises TLS_UNUSABLE."""
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # this protocol checks certificate and host name
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_verify_locations(anchors_pem)
        context.load_cert_chain(chain_pem, key_pem)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise YunhuobanError(TLS_UNUSABLE, place=chain_pem.name, found=type(error).__name__) from error
    return context


def server_context(chain_pem: Path, key_pem: Path) -> ssl.SSLContext:
    """TLS 1.2 or later for our pages, which ask browsers for no certificate. Raises TLS_UNUSABLE.

    Of TLS 1.2 only what has forward secrecy and authenticated encryption (RFC 9325 §4.2); 1.3 has nothing else.
    """
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        context.set_ciphers(_CIPHERS)
        context.set_alpn_protocols(["http/1.1"])
        # A password is given, or OpenSSL would ask a terminal for one.
        context.load_cert_chain(chain_pem, key_pem, password="-")  # noqa: S106 -- it is none
    except (OSError, ValueError) as error:
        raise YunhuobanError(TLS_UNUSABLE, place=chain_pem.name, found=type(error).__name__) from error
    return context


def kombu_ssl(anchors_pem: Path, chain_pem: Path, key_pem: Path, *, server_hostname: str) -> dict[str, Any]:
    """The `ssl=` dictionary of a kombu Connection, which makes py-amqp check chain and host name.

    `server_hostname` is the name (or address) in the broker's certificate. Behind a failover list every broker's
    certificate must hold that same name, because kombu keeps one dictionary for all. Raises TLS_UNUSABLE; the files
    are tried here, so that a wrong one is found before the first connection.
    """
    if not server_hostname:
        raise YunhuobanError(TLS_UNUSABLE, place="server_hostname")
    client_context(anchors_pem, chain_pem, key_pem)
    return {
        "ca_certs": str(anchors_pem),
        "certfile": str(chain_pem),
        "keyfile": str(key_pem),
        "cert_reqs": ssl.CERT_REQUIRED,
        "server_hostname": server_hostname,
        "tls_minimum_version": ssl.TLSVersion.TLSv1_2,
    }


def broker_ssl(anchors_pem: Path, chain_pem: Path, key_pem: Path, crl_folder: Path) -> str:
    """The text of RabbitMQ's `advanced.config` for mutual TLS with revocation (the file must bear that very name).

    `anchors_pem` holds the root and the issuing certificate, `crl_folder` is written by `crl.write_hashed_crls`.
    Raises TLS_UNUSABLE when a path holds a character that would need quoting, or a file is not there.
    """
    for path in (anchors_pem, chain_pem, key_pem, crl_folder):
        if any(character in str(path) for character in '"\\\n') or not path.is_absolute():
            raise YunhuobanError(TLS_UNUSABLE, place=path.name)
    for path in (anchors_pem, chain_pem, key_pem):
        files.read(path)
    return f"""[{{rabbit, [{{ssl_options, [
  {{cacertfile, "{anchors_pem}"}},
  {{certfile, "{chain_pem}"}},
  {{keyfile, "{key_pem}"}},
  {{versions, ['tlsv1.3', 'tlsv1.2']}},
  {{verify, verify_peer}},
  {{fail_if_no_peer_cert, true}},
  {{depth, 2}},
  {{crl_check, true}},
  {{crl_cache, {{ssl_crl_hash_dir, {{internal, [{{dir, "{crl_folder}"}}]}}}}}}
]}}]}}].
"""
