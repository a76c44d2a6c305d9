// bulkhead-capture: reads the frames of the interfaces that the partition manager names on the socket that it
// was given, and writes them there as pieces of a pcapng file. Ends when a limit of the order is reached, or
// when nobody listens any more.
#include <sys/socket.h>

#include <cstdlib>

#include "base/log.hpp"
#include "vnet/capture/process/confinement.hpp"
#include "vnet/capture/process/recorder.hpp"

namespace {

using namespace bulkhead;
using namespace bulkhead::vnet::capture;

constexpr int manager = 3;  // as the launcher hands it over

Result<> serve() {
    BULKHEAD_TRY(keep_what_opens_sockets());
    BULKHEAD_TRY_ASSIGN(const auto piece, receive_piece(manager, longest_order));
    if (!piece || piece->kind != Piece::Kind::order) return fail(Code::invalid, "no order came");
    BULKHEAD_TRY_ASSIGN(auto order, read_order(piece->bytes));
    BULKHEAD_TRY_ASSIGN(auto recorder, Recorder::open(std::move(order)));
    BULKHEAD_TRY(confine());
    return recorder.run(manager);
}

}  // namespace

int main() {
    log::set_program("bulkhead-capture");
    const auto served = serve();
    if (served) return EXIT_SUCCESS;
    const auto kind = served.error().code == Code::not_found ? Piece::Kind::gone : Piece::Kind::failed;
    // If the manager has left, there is nobody to tell.
    [[maybe_unused]] const auto told = send_piece(manager, {kind, 0, 0, served.error().text()});
    return EXIT_FAILURE;
}
