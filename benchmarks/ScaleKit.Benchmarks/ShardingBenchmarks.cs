using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using ScaleKit.Sharding;

namespace ScaleKit.Benchmarks;

/// <summary>Routing to one of 1000 shards against its physical limit: encoding the key and hashing it, with no lookup at all.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class ShardingBenchmarks
{
    private const int Keys = 1_024;

    private readonly string[] _strings = [.. Enumerable.Range(0, Keys).Select(i => $"user:{i * 7919}")];
    private readonly byte[][] _utf8 = [.. Enumerable.Range(0, Keys).Select(i => Encoding.UTF8.GetBytes($"user:{i * 7919}"))];
    private readonly Guid[] _guids = [.. Enumerable.Range(0, Keys).Select(i => new Guid(i * 7919, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10))];
    private readonly ShardRouter<int> _slots = new(SlotTopology.Create(Shards(1_000)));

    internal static IEnumerable<Shard<int>> Shards(int count) => Enumerable.Range(0, count).Select(i => new Shard<int>($"shard-{i}", i));

    [Benchmark(Baseline = true, OperationsPerInvoke = Keys)]
    [BenchmarkCategory("string")]
    public ulong EncodeAndHash()
    {
        Span<byte> utf8 = stackalloc byte[256];
        var sum = 0UL;
        foreach (var key in _strings)
        {
            sum += XxHash3.HashToUInt64(utf8[..Encoding.UTF8.GetBytes(key, utf8)]);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Keys)]
    [BenchmarkCategory("string")]
    public Shard<int>? RouteString()
    {
        Shard<int>? shard = null;
        foreach (var key in _strings)
        {
            shard = _slots.Route(key);
        }

        return shard;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Keys)]
    [BenchmarkCategory("long")]
    public ulong HashEightBytes()
    {
        Span<byte> bytes = stackalloc byte[8];
        var sum = 0UL;
        for (var key = 0L; key < Keys; key++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, key);
            sum += XxHash3.HashToUInt64(bytes);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Keys)]
    [BenchmarkCategory("long")]
    public Shard<int>? RouteLong()
    {
        Shard<int>? shard = null;
        for (var key = 0L; key < Keys; key++)
        {
            shard = _slots.Route(key);
        }

        return shard;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Keys)]
    [BenchmarkCategory("utf-8")]
    public ulong HashBytes()
    {
        var sum = 0UL;
        foreach (var key in _utf8)
        {
            sum += XxHash3.HashToUInt64(key);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Keys)]
    [BenchmarkCategory("utf-8")]
    public Shard<int>? RouteUtf8()
    {
        Shard<int>? shard = null;
        foreach (var key in _utf8)
        {
            shard = _slots.RouteUtf8(key);
        }

        return shard;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Keys)]
    [BenchmarkCategory("guid")]
    public ulong WriteGuidAndHash()
    {
        Span<byte> bytes = stackalloc byte[16];
        var sum = 0UL;
        foreach (var key in _guids)
        {
            key.TryWriteBytes(bytes, bigEndian: true, out _);
            sum += XxHash3.HashToUInt64(bytes);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Keys)]
    [BenchmarkCategory("guid")]
    public Shard<int>? RouteGuid()
    {
        Shard<int>? shard = null;
        foreach (var key in _guids)
        {
            shard = _slots.Route(key);
        }

        return shard;
    }
}
