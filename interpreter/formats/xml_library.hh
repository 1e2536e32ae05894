// libxml2, loaded when the first XML text is read. Internal to formats/.
#pragma once

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "interpreter/value/shared_library.hh"

namespace fconn::formats {

/// The functions of libxml2 that are called here.
// clang-format off
#define FCONN_XML_FUNCTIONS(F) \
  F(xmlNewParserCtxt) F(xmlFreeParserCtxt) F(xmlCtxtReadMemory) F(xmlSetGenericErrorFunc) \
  F(xmlFreeDoc) F(xmlXPathNewContext) F(xmlXPathFreeContext) F(xmlXPathRegisterNs) \
  F(xmlXPathEvalExpression) F(xmlXPathFreeObject)
// clang-format on
struct XmlLibrary {
  FCONN_LIBRARY_FUNCTIONS(FCONN_XML_FUNCTIONS)
};

}  // namespace fconn::formats
