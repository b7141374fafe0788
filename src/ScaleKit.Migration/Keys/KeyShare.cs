using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace ScaleKit.Migration;

/// <summary>
/// Which keys belong to a percentage of all. By their hash, so every instance answers alike, and monotone: a key that is in stays in when the percentage rises. Different salts give shares
/// that have nothing to do with one another.
/// </summary>
internal static class KeyShare
{
    private const double Parts = 1UL << 53;

    public static bool Includes(string key, string salt, double percent)
    {
        if (percent is <= 0 or >= 100)
        {
            return percent >= 100;
        }

        var seed = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(salt.AsSpan()));
        var hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(key.AsSpan()), unchecked((long)seed));
        return (hash >> 11) / Parts * 100 < percent;
    }
}
