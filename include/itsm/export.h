/* ITSM_API marks what the shared library exports; everything else is hidden. C++ links to it as C. */
#ifndef ITSM_EXPORT_H
#define ITSM_EXPORT_H

#ifdef __cplusplus
#define ITSM_API extern "C" __attribute__((visibility("default")))
#elif defined(__GNUC__)
#define ITSM_API __attribute__((visibility("default")))
#else
#define ITSM_API
#endif

#endif
