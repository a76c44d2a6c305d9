"""nftables without a process for each command: libnftables, as firewalld uses it. One line in, one transaction, one line of JSON
out. "echo COMMAND" answers with the handles of what was added, which costs nftables a look at all that there is."""
import ctypes
import json
import re
import sys

ECHO, HANDLE = 1 << 5, 1 << 3  # NFT_CTX_OUTPUT_*


def main():
    nft = ctypes.CDLL("libnftables.so.1")
    nft.nft_ctx_new.restype = ctypes.c_void_p
    nft.nft_ctx_get_output_buffer.restype = nft.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
    context = ctypes.c_void_p(nft.nft_ctx_new(0))
    nft.nft_ctx_buffer_output(context)
    nft.nft_ctx_buffer_error(context)
    for line in sys.stdin:
        command = line.removeprefix("echo ")
        nft.nft_ctx_output_set_flags(context, ECHO | HANDLE if command != line else 0)
        if nft.nft_run_cmd_from_buffer(context, command.encode()):
            sys.exit(nft.nft_ctx_get_error_buffer(context).decode())
        said = nft.nft_ctx_get_output_buffer(context).decode()
        print(json.dumps({"handles": re.findall(r"# handle (\d+)", said)}), flush=True)


main()
