#include "tests/passthrough/usb/peer.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>

namespace bulkhead::testing_support {

Peer::Peer(Fd socket) : socket_(std::move(socket)), parser_(usbredirparser_create()) {
    auto& parser = *parser_;
    parser.priv = this;
    parser.log_func = [](void*, int, const char*) {};
    parser.read_func = [](void* self, std::uint8_t* data, int count) -> int {
        const auto got = ::recv(of(self).fd(), data, static_cast<std::size_t>(count), MSG_DONTWAIT);
        if (got < 0) return errno == EAGAIN ? 0 : -1;
        if (got == 0) of(self).hung_up = true;
        return got == 0 ? -1 : static_cast<int>(got);
    };
    parser.write_func = [](void* self, std::uint8_t* data, int count) -> int {
        const auto put = ::send(of(self).fd(), data, static_cast<std::size_t>(count), MSG_NOSIGNAL);
        return put < 0 ? -1 : static_cast<int>(put);
    };
    parser.hello_func = [](void* self, usb_redir_hello_header* hello) {
        of(self).greeted = true;
        of(self).version = hello->version;
    };
    parser.device_connect_func = [](void* self, usb_redir_device_connect_header* device) {
        ++of(self).connected;
        of(self).vendor = device->vendor_id;
        of(self).product = device->product_id;
    };
    parser.device_disconnect_func = [](void* self) { ++of(self).disconnected; };
    parser.interface_info_func = [](void*, usb_redir_interface_info_header*) {};
    parser.ep_info_func = [](void*, usb_redir_ep_info_header*) {};
    parser.control_packet_func = [](void* self, std::uint64_t, usb_redir_control_packet_header*,
                                    std::uint8_t* data, int length) {
        of(self).descriptor.assign(reinterpret_cast<const char*>(data), static_cast<std::size_t>(length));
        usbredirparser_free_packet_data(of(self).parser_.get(), data);
    };
    std::uint32_t capabilities[USB_REDIR_CAPS_SIZE] = {};
    for (const int capability : {usb_redir_cap_connect_device_version, usb_redir_cap_ep_info_max_packet_size,
                                 usb_redir_cap_64bits_ids, usb_redir_cap_32bits_bulk_length})
        usbredirparser_caps_set_cap(capabilities, capability);
    usbredirparser_init(parser_.get(), "test", capabilities, USB_REDIR_CAPS_SIZE, 0);
    usbredirparser_do_write(parser_.get());
}

void Peer::ask_descriptor() {
    usb_redir_control_packet_header request{};
    request.endpoint = 0x80;
    request.requesttype = 0x80;
    request.request = 6;  // GET_DESCRIPTOR
    request.value = 0x0100;
    request.length = 18;
    usbredirparser_send_control_packet(parser_.get(), 1, &request, nullptr, 0);
    usbredirparser_do_write(parser_.get());
}

bool Peer::until(const std::function<bool(const Peer&)>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!holds(*this)) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd ready{socket_.get(), POLLIN, 0};
        if (left.count() <= 0 || hung_up || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0)
            return false;
        usbredirparser_do_read(parser_.get());
        usbredirparser_do_write(parser_.get());
    }
    return true;
}

}  // namespace bulkhead::testing_support
