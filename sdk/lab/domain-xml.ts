/**
 * What libvirt can and the Terraform provider cannot express, as the stylesheet it applies to its XML (it runs `xsltproc`
 * where Pulumi runs): the serial console kept in a file, no graphics nor agent channel that an unattended guest has no use
 * for, and disks that don't wait for the host's own (a lab need not survive a power cut).
 */
export function domainStylesheet(consoleLog: string): string {
  return `<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output omit-xml-declaration="yes"/>
  <xsl:template match="node()|@*"><xsl:copy><xsl:apply-templates select="node()|@*"/></xsl:copy></xsl:template>
  <xsl:template match="/domain/devices/graphics"/>
  <xsl:template match="/domain/devices/channel"/>
  <xsl:template match="/domain/devices/video"/>
  <xsl:template match="/domain/devices/disk/driver">
    <xsl:copy><xsl:apply-templates select="@*"/><xsl:attribute name="cache">unsafe</xsl:attribute></xsl:copy>
  </xsl:template>
  <xsl:template match="/domain/devices/console[1]">
    <serial type="pty"><log file="${attribute(consoleLog)}" append="on"/><target port="0"/></serial>
  </xsl:template>
  <xsl:template match="/domain/devices">
    <xsl:copy><xsl:apply-templates select="node()|@*"/><video><model type="none"/></video><memballoon model="none"/></xsl:copy>
  </xsl:template>
</xsl:stylesheet>`;
}

/** As an XSLT attribute value template, in which single braces hold an expression. */
function attribute(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;").replace(/[{}]/g, "$&$&");
}
