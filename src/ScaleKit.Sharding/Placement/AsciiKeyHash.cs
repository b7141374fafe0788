using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ScaleKit.Sharding;

/// <summary>
/// XXH3-64 (seed 0, default secret) of ASCII keys of 1 to 128 characters, straight from their UTF-16 code units. Up to 128 bytes XXH3 reads a few words that
/// overlap; each of them is here eight characters narrowed in a register. Through a buffer such a read spans two writes and waits until both have left the
/// store buffer, which is most of what a short key would cost. Source: the xxHash specification 0.8; the tests hold it against System.IO.Hashing.
/// </summary>
internal static class AsciiKeyHash
{
    private const int MaximumLength = 128;

    private const ulong Prime1 = 0x9E37_79B1_85EB_CA87;
    private const ulong Prime2 = 0xC2B2_AE3D_27D4_EB4F;
    private const ulong Prime3 = 0x1656_67B1_9E37_79F9;
    private const ulong PrimeMx1 = 0x1656_6791_9E37_79F9;
    private const ulong PrimeMx2 = 0x9FB2_1C65_1E98_DF25;

    // The default secret, as the words that are read from it.
    private const ulong Secret0To3 = 0x396C_FEB8 ^ 0xBE4B_A423;
    private const ulong Secret0 = 0xBE4B_A423_396C_FEB8;
    private const ulong Secret8 = 0x1CAD_21F7_2C81_017C;
    private const ulong Secret16 = 0xDB97_9083_E96D_D4DE;
    private const ulong Secret24 = 0x1F67_B3B7_A4A4_4072;
    private const ulong Secret32 = 0x78E5_C0CC_4EE6_79CB;
    private const ulong Secret40 = 0x2172_FFCC_7DD0_5A82;
    private const ulong Secret48 = 0x8E24_43F7_7446_08B8;
    private const ulong Secret56 = 0x4C26_3A81_E690_35E0;
    private const ulong Secret64 = 0xCB00_C391_BB52_283C;
    private const ulong Secret72 = 0xA32E_531B_8B65_D088;
    private const ulong Secret80 = 0x4EF9_0DA2_9748_6471;
    private const ulong Secret88 = 0xD8AC_DEA9_46EF_1938;
    private const ulong Secret96 = 0x3F34_9CE3_3F76_FAA8;
    private const ulong Secret104 = 0x1D4F_0BC7_C7BB_DCF9;
    private const ulong Secret112 = 0x3159_B4CD_4BE0_518A;
    private const ulong Secret120 = 0x6473_78D9_C97E_9FC8;

    /// <returns>False when the key is of another length or not ASCII: then it goes the general way.</returns>
    public static bool TryHash(ReadOnlySpan<char> key, out ulong hash)
    {
        if (key.Length is 0 or > MaximumLength || !BitConverter.IsLittleEndian)
        {
            hash = 0;
            return false;
        }

        ref var first = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(key));
        Vector128<ushort> seen;
        hash = key.Length switch
        {
            <= 3 => Of1To3(ref first, key.Length, out seen),
            <= 8 => Of4To8(ref first, key.Length, out seen),
            <= 16 => Of9To16(ref first, key.Length, out seen),
            _ => Of17To128(ref first, key.Length, out seen),
        };
        return (seen & Vector128.Create((ushort)0xFF80)) == Vector128<ushort>.Zero;
    }

    private static ulong Of1To3(ref ushort first, int length, out Vector128<ushort> seen)
    {
        uint head = first;
        uint middle = Unsafe.Add(ref first, length >> 1);
        uint tail = Unsafe.Add(ref first, length - 1);
        seen = Vector128.CreateScalar((ushort)(head | middle | tail));
        var mixed = ((head << 16) | (middle << 24) | tail | ((uint)length << 8)) ^ Secret0To3;
        mixed ^= mixed >> 33;
        mixed *= Prime2;
        mixed ^= mixed >> 29;
        mixed *= Prime3;
        return mixed ^ (mixed >> 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Of4To8(ref ushort first, int length, out Vector128<ushort> seen)
    {
        var head = Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<ushort, byte>(ref first));
        var tail = Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<ushort, byte>(ref Unsafe.Add(ref first, length - 4)));
        seen = Vector128.Create(tail, head).AsUInt16();
        var mixed = Vector128.Narrow(seen, seen).AsUInt64().ToScalar() ^ Secret8 ^ Secret16;
        mixed ^= BitOperations.RotateLeft(mixed, 49) ^ BitOperations.RotateLeft(mixed, 24);
        mixed *= PrimeMx2;
        mixed ^= (mixed >> 35) + (ulong)length;
        mixed *= PrimeMx2;
        return mixed ^ (mixed >> 28);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Of9To16(ref ushort first, int length, out Vector128<ushort> seen)
    {
        var low = Read8(ref first, 0, out var head) ^ Secret24 ^ Secret32;
        var high = Read8(ref first, length - 8, out var tail) ^ Secret40 ^ Secret48;
        seen = head | tail;
        return Avalanche((ulong)length + BinaryPrimitives.ReverseEndianness(low) + high + Fold(low, high));
    }

    private static ulong Of17To128(ref ushort first, int length, out Vector128<ushort> seen)
    {
        seen = Vector128<ushort>.Zero;
        var sum = (ulong)length * Prime1;
        if (length > 96)
        {
            sum += Mix(ref first, 48, Secret96, Secret104, ref seen) + Mix(ref first, length - 64, Secret112, Secret120, ref seen);
        }

        if (length > 64)
        {
            sum += Mix(ref first, 32, Secret64, Secret72, ref seen) + Mix(ref first, length - 48, Secret80, Secret88, ref seen);
        }

        if (length > 32)
        {
            sum += Mix(ref first, 16, Secret32, Secret40, ref seen) + Mix(ref first, length - 32, Secret48, Secret56, ref seen);
        }

        return Avalanche(sum + Mix(ref first, 0, Secret0, Secret8, ref seen) + Mix(ref first, length - 16, Secret16, Secret24, ref seen));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ref ushort first, int at, ulong secretLow, ulong secretHigh, ref Vector128<ushort> seen)
    {
        var low = Read8(ref first, at, out var head) ^ secretLow;
        var high = Read8(ref first, at + 8, out var tail) ^ secretHigh;
        seen |= head | tail;
        return Fold(low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read8(ref ushort first, int at, out Vector128<ushort> characters)
    {
        characters = Vector128.LoadUnsafe(ref first, (nuint)at);
        return Vector128.Narrow(characters, characters).AsUInt64().ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return low ^ high;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Avalanche(ulong sum)
    {
        sum ^= sum >> 37;
        sum *= PrimeMx1;
        return sum ^ (sum >> 32);
    }
}
