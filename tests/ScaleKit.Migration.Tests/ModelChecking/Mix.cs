using System.Numerics;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>64-bit hashes of states: multiply and rotate, finished as in MurmurHash3.</summary>
internal static class Mix
{
    public static ulong In(ulong hash, ulong value) => Finish(BitOperations.RotateLeft(hash, 23) ^ (value * 0x9E3779B97F4A7C15UL));

    public static ulong In(ulong hash, long value) => In(hash, (ulong)value);

    public static ulong In(ulong hash, bool value) => In(hash, value ? 1UL : 2UL);

    public static ulong In(ulong hash, RowVersion version) => In(In(hash, version.Epoch), version.Counter);

    public static ulong In(ulong hash, VersionedValue<long> row) => In(In(In(hash, row.Version), row.IsDeleted), row.Value);

    public static ulong Finish(ulong hash)
    {
        hash ^= hash >> 33;
        hash *= 0xFF51AFD7ED558CCDUL;
        hash ^= hash >> 33;
        hash *= 0xC4CEB9FE1A85EC53UL;
        return hash ^ (hash >> 33);
    }
}
