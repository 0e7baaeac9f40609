#include <cstdio>
int main() {
  std::puts("lakeshift");
  return 0;
}
