using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ScaleKit.Sharding;

/// <summary>
/// By which topology a call was routed, and for which key: goes with the call to the store, whose <see cref="RouteFence"/> refuses it when the key has moved since.
/// </summary>
/// <param name="Version">Version of the topology that routed the call, from 1.</param>
/// <param name="Hash">Hash of the key.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RouteToken(long Version, ulong Hash)
{
    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <param name="text">The text, from an untrusted caller perhaps; or null.</param>
    /// <param name="token">The token, when it is one.</param>
    /// <returns>Whether <paramref name="text"/> is a token.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out RouteToken token)
    {
        token = default;
        if (text is null || text.Length > 36 || text.IndexOf('-', StringComparison.Ordinal) is not (> 0 and var dash) || text.Length - dash != 17)
        {
            return false;
        }

        if (!long.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var version) || version < 1
            || !ulong.TryParse(text.AsSpan(dash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hash))
        {
            return false;
        }

        token = new RouteToken(version, hash);
        return true;
    }

    /// <summary>The token as text for a header or a column: the version, a dash, 16 hexadecimal digits of the hash.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Version}-{Hash:x16}");
}
