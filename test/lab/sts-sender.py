"""What a sender that honours MTA-STS makes of each domain: one line of name and result.

It is the resolver of Debian's postfix-mta-sts-resolver, which Postfix asks for its TLS policy.
"""
import asyncio
import logging
import sys

from postfix_mta_sts_resolver.resolver import STSResolver

logging.disable(logging.CRITICAL)


async def main(domains):
    resolver = STSResolver(loop=asyncio.get_running_loop(), timeout=10)
    found = await asyncio.gather(*(resolver.resolve(domain) for domain in domains))
    for domain, (result, _) in zip(domains, found):
        print(domain, result.name)


asyncio.run(main(sys.argv[1:]))
