#include "passthrough/usb/redirection.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"

namespace bulkhead::passthrough::usb {
namespace {

constexpr unsigned most_told = 64;

// Interfaces of the configuration that is in force; none before there is one.
unsigned interfaces_of(libusb_device_handle* device) {
    libusb_config_descriptor* configuration = nullptr;
    if (libusb_get_active_config_descriptor(libusb_get_device(device), &configuration) != 0) return 0;
    const unsigned count = configuration->bNumInterfaces;
    libusb_free_config_descriptor(configuration);
    return count;
}

// How recv(2) and send(2) end, as usbredir wants to know it: bytes, 0 for later, -1 for never.
int outcome(ssize_t done, std::uint64_t& counter) {
    if (done > 0) {
        counter += static_cast<std::uint64_t>(done);
        return static_cast<int>(done);
    }
    return done < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

}  // namespace

Redirection::Redirection(Loop& loop, Library& library, Events events)
    : loop_(loop), library_(library), events_(std::move(events)) {
    library_.on({[this] { flush(); },
                 [this](int node) {
                     if (node == node_.get()) lose_device("the device was pulled out");
                 }});
}

Redirection::~Redirection() {
    *alive_ = false;
    take();
    leave();
    library_.on({});
}

Result<> Redirection::give(Fd node) {
    take();
    BULKHEAD_TRY_ASSIGN(held_, library_.wrap(node.get()));
    node_ = std::move(node);
    if (auto held = hold(); !held) {
        take();
        return held;
    }
    if (!host_ || withheld_) return {};
    return hand_over();
}

// As usbredirhost does once a guest is there: nobody else works the device meanwhile.
Result<> Redirection::hold() const {
    const unsigned count = interfaces_of(held_);
    for (unsigned number = 0; number < count; ++number) {
        const int detached = libusb_detach_kernel_driver(held_, static_cast<int>(number));
        if (detached != 0 && detached != LIBUSB_ERROR_NOT_FOUND)
            return std::unexpected(library_error(detached, "the kernel's driver does not let it go"));
        if (const int claimed = libusb_claim_interface(held_, static_cast<int>(number)); claimed != 0)
            return std::unexpected(library_error(claimed, "can't have the device alone"));
    }
    return {};
}

void Redirection::let_go() {
    const unsigned count = interfaces_of(held_);
    for (unsigned number = 0; number < count; ++number) {
        libusb_release_interface(held_, static_cast<int>(number));
        // One that no driver of the kernel's wants has none afterwards, as it had none before.
        libusb_attach_kernel_driver(held_, static_cast<int>(number));
    }
    libusb_close(held_);
}

void Redirection::take() {
    if (guest_has_it_) {
        guest_has_it_ = false;
        // What closing it takes away is no loss.
        const Fd closing = std::move(node_);
        usbredirhost_set_device(host_.get(), nullptr);
        held_ = nullptr;
        flush();
        return;
    }
    const Fd closing = std::move(node_);
    if (held_ != nullptr) let_go();
    held_ = nullptr;
}

Result<> Redirection::hand_over() {
    guest_has_it_ = true;
    const int done = usbredirhost_set_device(host_.get(), held_);
    flush();
    if (done == usb_redir_success) return {};
    // usbredirhost has closed it.
    guest_has_it_ = false;
    held_ = nullptr;
    node_.reset();
    return fail(Code::io, "usbredir can't take the device: its status is " + std::to_string(done));
}

// usbredirhost gives a device back to the kernel with closing it: whoever wants to hold it takes it again.
void Redirection::withhold(bool withhold) {
    if (std::exchange(withheld_, withhold) == withhold) return;
    if (withhold && guest_has_it_) {
        take();
        let_go_soon();
    }
    if (withhold || held_ == nullptr || !host_ || guest_has_it_) return;
    if (auto given = hand_over(); !given) lose_device(given.error().text());
}

void Redirection::let_go_soon() {
    loop_.post([this, alive = alive_] {
        if (*alive) events_.device_let_go();
    });
}

Result<> Redirection::join(int fd) {
    leave();
    guest_ = fd;
    told_ = 0;
    losing_guest_ = false;
    // The first thing that it does is to greet.
    interest_ = EPOLLIN;
    BULKHEAD_TRY(loop_.watch(fd, interest_, [this](std::uint32_t) { on_guest(); }));
    host_.reset(usbredirhost_open(library_.context(), nullptr, &Redirection::tell, &Redirection::read,
                                  &Redirection::write, this, "bulkhead-usb " BULKHEAD_VERSION,
                                  usbredirparser_warning, 0));
    if (!host_) {
        loop_.unwatch(fd);
        guest_ = -1;
        return fail(Code::io, "usbredir does not start");
    }
    if (held_ == nullptr || withheld_) {
        flush();
        return {};
    }
    if (auto given = hand_over(); !given) lose_device(given.error().text());
    return {};
}

void Redirection::leave() {
    if (guest_ >= 0) loop_.unwatch(guest_);
    guest_ = -1;
    const bool had_it = std::exchange(guest_has_it_, false);
    const Fd closing = had_it ? std::move(node_) : Fd();
    host_.reset();
    if (!had_it) return;
    held_ = nullptr;
    let_go_soon();
}

void Redirection::on_guest() {
    if (!host_) return;
    switch (usbredirhost_read_guest_data(host_.get())) {
        case 0:
            break;
        case usbredirhost_read_device_lost:
            lose_device("the device was pulled out");
            break;
        case usbredirhost_read_device_rejected:
            lose_device("the guest does not take the device");
            break;
        case usbredirhost_read_parse_error:
            log::warning("what the guest says is no usbredir");
            [[fallthrough]];
        default:
            return lose_guest();
    }
    flush();
}

// While something waits for the guest, nothing is read of it: what it asks for can't pile up here.
void Redirection::flush() {
    if (!host_ || guest_ < 0) return;
    if (usbredirhost_has_data_to_write(host_.get()) != 0 && usbredirhost_write_guest_data(host_.get()) != 0)
        return lose_guest();
    const std::uint32_t wanted =
        usbredirhost_has_data_to_write(host_.get()) != 0 ? std::uint32_t{EPOLLOUT} : std::uint32_t{EPOLLIN};
    if (wanted == interest_) return;
    interest_ = wanted;
    // Changing what a watched fd is watched for fails only if it is not watched: a defect, seen by tests.
    [[maybe_unused]] const auto changed = loop_.rewatch(guest_, wanted);
}

void Redirection::lose_device(std::string reason) {
    loop_.post([this, alive = alive_, reason = std::move(reason)] {
        if (*alive) events_.device_lost(reason);
    });
}

void Redirection::lose_guest() {
    if (std::exchange(losing_guest_, true)) return;
    loop_.post([this, alive = alive_, guest = guest_] {
        if (*alive && guest == guest_) events_.guest_left();
    });
}

int Redirection::read(void* self, std::uint8_t* data, int count) {
    auto& redirection = *static_cast<Redirection*>(self);
    return outcome(::recv(redirection.guest_, data, static_cast<std::size_t>(count), 0),
                   redirection.from_guest_);
}

int Redirection::write(void* self, std::uint8_t* data, int count) {
    auto& redirection = *static_cast<Redirection*>(self);
    return outcome(::send(redirection.guest_, data, static_cast<std::size_t>(count), MSG_NOSIGNAL),
                   redirection.to_guest_);
}

void Redirection::tell(void* self, int level, const char* text) {
    auto& redirection = *static_cast<Redirection*>(self);
    if (level > usbredirparser_warning || ++redirection.told_ > most_told) return;
    log::warning("usbredir", {{"text", printable(text, 256)}});
}

}  // namespace bulkhead::passthrough::usb
