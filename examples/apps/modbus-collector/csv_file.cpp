#include "csv_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace modbus_collector {

CsvFile::CsvFile(std::string path, std::size_t limit) : path_(std::move(path)), limit_(limit) {
    open();
}

CsvFile::~CsvFile() {
    if (fd_ >= 0) ::close(fd_);
}

void CsvFile::open() {
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    const off_t end = fd_ < 0 ? 0 : ::lseek(fd_, 0, SEEK_END);
    size_ = end < 0 ? 0 : static_cast<std::size_t>(end);
}

void CsvFile::append(const std::string& line) {
    if (fd_ < 0) return;
    if (size_ + line.size() + 1 > limit_) {
        ::close(fd_);
        std::rename(path_.c_str(), (path_ + ".1").c_str());
        open();
        if (fd_ < 0) return;
    }
    const std::string text = line + "\n";
    if (const ssize_t put = ::write(fd_, text.data(), text.size()); put > 0)
        size_ += static_cast<std::size_t>(put);
}

}  // namespace modbus_collector
