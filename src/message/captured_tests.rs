//! Every captured line of the devices, as it came, and what is read out of it.

use super::{Kind, parse};

/// A line, then PRI, counter, host, session element, sequence number, stamp, header and the beginning of the body.
const CAPTURED: [(&str, &str); 28] = [
    // IOS and IOS XE.
    (
        "<189>30: *Jan  2 00:10:53: %SYS-5-CONFIG_I: Configured from console by console",
        "189|30||||*Jan  2 00:10:53|SYS-5-CONFIG_I|Configured from console by console",
    ),
    (
        "<189>7662: Nov 23 22:23:27.921 NewYork: %SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: ...",
        "189|7662||||Nov 23 22:23:27.921 NewYork|SEC_LOGIN-5-LOGIN_SUCCESS|Login Success [user: ...",
    ),
    (
        "<188>179767: fakhost: Nov 23 22:23:27.833 NewYork: %SW_MATM-4-MACFLAP_NOTIF: Host ...",
        "188|179767|fakhost|||Nov 23 22:23:27.833 NewYork|SW_MATM-4-MACFLAP_NOTIF|Host ...",
    ),
    (
        "<190>421370: 421366: Nov 23 22:23:27: %SEC-6-IPACCESSLOGP: list ACL-SSH permitted tcp ...",
        "190|421370|||421366|Nov 23 22:23:27|SEC-6-IPACCESSLOGP|list ACL-SSH permitted tcp ...",
    ),
    (
        "<165>7433: ASR920: 007439: 2y10w: %SEC_LOGIN-5-LOGIN_SUCCESS: ...",
        "165|7433|ASR920||007439|2y10w|SEC_LOGIN-5-LOGIN_SUCCESS|...",
    ),
    (
        "<189>3132813: custom.string: 3132809: Jul 11 2023 19:32:08.116 UTC: %SYS-5-CONFIG_I: ...",
        "189|3132813|custom.string||3132809|Jul 11 2023 19:32:08.116 UTC|SYS-5-CONFIG_I|...",
    ),
    (
        "<189>3132785: 0.0.0.0: 3132781: Jul 11 2023 19:30:04.771 UTC: %SYS-5-CONFIG_I: ...",
        "189|3132785|0.0.0.0||3132781|Jul 11 2023 19:30:04.771 UTC|SYS-5-CONFIG_I|...",
    ),
    (
        "<190>3132783: ::: 3132779: Jul 11 2023 19:25:44.568 UTC: %SYS-6-LOGOUT: ...",
        "190|3132783|::||3132779|Jul 11 2023 19:25:44.568 UTC|SYS-6-LOGOUT|...",
    ),
    (
        r#"<189>98: [syslog@9 s_sn="9"]: *Jan  1 2006 23:15:29.365: %SYS-6-LOGGINGHOST_STARTSTOP: ..."#,
        r#"189|98||[syslog@9 s_sn="9"]||*Jan  1 2006 23:15:29.365|SYS-6-LOGGINGHOST_STARTSTOP|..."#,
    ),
    (
        r#"<189>102: [syslog@9 s_id="testswitch:514"]: *Jan  1 2006 23:16:34.813: %SYS-6-LOGGINGHOST_STARTSTOP: ..."#,
        r#"189|102||[syslog@9 s_id="testswitch:514"]||*Jan  1 2006 23:16:34.813|SYS-6-LOGGINGHOST_STARTSTOP|..."#,
    ),
    (
        r#"<189>111: [syslog@9 s_sn="22" s_id="0.0.0.0:514"]: 000107: *Jan  1 2006 23:18:01.098: %SYS-5-CONFIG_I: ..."#,
        r#"189|111||[syslog@9 s_sn="22" s_id="0.0.0.0:514"]|000107|*Jan  1 2006 23:18:01.098|SYS-5-CONFIG_I|..."#,
    ),
    (
        r#"<187>165: [syslog@9 s_sn="84" s_id ="sw1:666"]: 000161: *Jan  2 00:20:41: %LINK-3-UPDOWN: Interface GigabitEthernet0/15, changed state to down"#,
        r#"187|165||[syslog@9 s_sn="84" s_id ="sw1:666"]|000161|*Jan  2 00:20:41|LINK-3-UPDOWN|Interface GigabitEthernet0/15, changed state to down"#,
    ),
    (
        r#"<187>165: sw1: [syslog@9 s_sn="84"]: 000161: *Jan  2 00:20:41: %LINK-3-UPDOWN: x"#,
        r#"187|165|sw1|[syslog@9 s_sn="84"]|000161|*Jan  2 00:20:41|LINK-3-UPDOWN|x"#,
    ),
    (
        "<189>: *Jan  2 00:10:53: %SYS-5-CONFIG_I: x",
        "189|||||*Jan  2 00:10:53|SYS-5-CONFIG_I|x",
    ),
    (
        "<189>30: Mar  1 18:46:11.485 UTC: %SYS-5-CONFIG_I: x",
        "189|30||||Mar  1 18:46:11.485 UTC|SYS-5-CONFIG_I|x",
    ),
    (
        "<189>30: .Mar  1 18:46:11: %SYS-5-CONFIG_I: x",
        "189|30||||.Mar  1 18:46:11|SYS-5-CONFIG_I|x",
    ),
    (
        "<189>30: 000031: 00:00:46: %SYS-5-CONFIG_I: x",
        "189|30|||000031|00:00:46|SYS-5-CONFIG_I|x",
    ),
    (
        "<189>30: 1d02h: %SYS-5-CONFIG_I: x",
        "189|30||||1d02h|SYS-5-CONFIG_I|x",
    ),
    (
        "<189>30: 3w1d: %SYS-5-CONFIG_I: x",
        "189|30||||3w1d|SYS-5-CONFIG_I|x",
    ),
    // The format `rfc5424` of IOS XE, with the letters that stand for a byte order mark, and with the mark itself.
    (
        "<190>1 2019-10-04T14:05:28.546Z - - - - - BOM%SYS-6-LOGOUT: bye",
        "190|||||2019-10-04T14:05:28.546Z|SYS-6-LOGOUT|bye",
    ),
    (
        "<190>1 2019-10-04T14:05:28.546Z - - - - - \u{feff}%SYS-6-LOGOUT: bye",
        "190|||||2019-10-04T14:05:28.546Z|SYS-6-LOGOUT|bye",
    ),
    // ASA.
    (
        "<166>Aug 15 2019 13:44:38: %ASA-6-305011: Built dynamic UDP translation ...",
        "166|||||Aug 15 2019 13:44:38|ASA-6-305011|Built dynamic UDP translation ...",
    ),
    (
        "<166>Mar 09 2017 10:25:04 MDF-ASA5515X : %ASA-6-305012: ...",
        "166||MDF-ASA5515X|||Mar 09 2017 10:25:04|ASA-6-305012|...",
    ),
    (
        "<164>%ASA-4-106023: Deny udp src ...",
        "164||||||ASA-4-106023|Deny udp src ...",
    ),
    (
        "<164>HQ-ASA5585 : %ASA-4-106023: ...",
        "164||HQ-ASA5585||||ASA-4-106023|...",
    ),
    (
        "<166>:2018-06-27T12:17:46Z: %ASA-6-110002: ...",
        "166|||||2018-06-27T12:17:46Z|ASA-6-110002|...",
    ),
    (
        "<166>2018-06-27T12:17:46Z asa : %ASA-6-110002: ...",
        "166||asa|||2018-06-27T12:17:46Z|ASA-6-110002|...",
    ),
    (
        "<166>2018-06-27T12:17:46Z: %ASA-6-110002: ...",
        "166|||||2018-06-27T12:17:46Z|ASA-6-110002|...",
    ),
];

#[test]
fn every_captured_line_is_read_back() {
    for (line, wanted) in CAPTURED {
        let parsed = parse(line.as_bytes());
        assert_eq!(parsed.kind, Kind::Cisco, "{line}");
        let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
        let header = format!(
            "{}-{}-{}",
            text(parsed.facility),
            parsed.severity.number(),
            text(parsed.mnemonic)
        );
        let read = [
            parsed.pri.map_or_else(String::new, |pri| pri.to_string()),
            text(parsed.counter),
            text(parsed.host),
            text(parsed.session),
            text(parsed.sequence),
            text(parsed.stamp),
            header,
            text(parsed.body),
        ];
        assert_eq!(read.join("|"), wanted, "{line}");
    }
}
