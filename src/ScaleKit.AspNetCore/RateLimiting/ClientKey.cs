using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using ScaleKit.RateLimiting;

namespace ScaleKit.AspNetCore;

/// <summary>Who a request comes from. The prefixes keep a user who calls herself 10.0.0.1 apart from that address.</summary>
internal static class ClientKey
{
    private const string Nobody = "(none)";

    public static string? UserName(HttpContext context) =>
        context.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name } ? name : null;

    public static string? UserOrAddress(HttpContext context) =>
        UserName(context) is { } name ? "user:" + name : "address:" + Address(context.Connection.RemoteIpAddress);

    /// <summary>Any text as a key that a limiter takes: never empty, never too long, and two different texts never the same.</summary>
    public static string Bounded(string key) => key.Length switch
    {
        0 => Nobody,
        // The UTF-16 units as they are: every encoding turns different lone surrogates into the same U+FFFD.
        > RateLimitCharge.MaximumKeyLength => "sha256:" + Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(key.AsSpan()))),
        _ => key,
    };

    private static string Address(IPAddress? address)
    {
        // A Unix socket has none.
        if (address is null)
        {
            return Nobody;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.ToString();
        }

        Span<byte> bytes = stackalloc byte[16];
        _ = address.TryWriteBytes(bytes, out _);
        return string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexString(bytes[..8])}/64");
    }
}
