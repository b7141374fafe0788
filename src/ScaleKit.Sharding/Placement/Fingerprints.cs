using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace ScaleKit.Sharding;

/// <summary>
/// The fingerprint: XXH3-64 of everything that decides where a key goes, written in one canonical way (docs/placement.md). Two
/// processes with the same fingerprint place every key alike; the version and the payloads are not part of it.
/// </summary>
internal static class Fingerprints
{
    public static string OfSlots<TShard>(ShardSet<TShard> shards, ReadOnlySpan<ushort> owners)
    {
        var canonical = Begin("slots", owners.Length, shards);
        for (var first = 0; first < owners.Length;)
        {
            var last = first;
            while (last + 1 < owners.Length && owners[last + 1] == owners[first])
            {
                last++;
            }

            Line(canonical, $"{first}-{last} {owners[first]}");
            first = last + 1;
        }

        return Finish(canonical);
    }

    public static string OfRing<TShard>(ShardSet<TShard> shards, int pointsPerWeight) => Finish(Begin("ring", pointsPerWeight, shards));

    public static string Format(ulong hash) => hash.ToString("x16", CultureInfo.InvariantCulture);

    private static XxHash3 Begin<TShard>(string kind, int size, ShardSet<TShard> shards)
    {
        var canonical = new XxHash3();
        Line(canonical, $"{kind} {size}");
        foreach (var shard in shards.Ordered)
        {
            // The weight by its IEEE 754 bits: shortest decimal forms differ between languages.
            Line(canonical, $"{shard.Id} {BitConverter.DoubleToUInt64Bits(shard.Weight):x16} {shard.Zone} {shard.Region}");
        }

        return canonical;
    }

    private static void Line(XxHash3 canonical, FormattableString line) =>
        canonical.Append(Encoding.ASCII.GetBytes(FormattableString.Invariant(line) + "\n"));

    private static string Finish(XxHash3 canonical)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        canonical.GetCurrentHash(bytes);
        return Format(BinaryPrimitives.ReadUInt64BigEndian(bytes));
    }
}
