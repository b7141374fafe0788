using System.Globalization;

namespace ScaleKit.Sharding;

/// <summary>Shards that are named by their region: <c>us-west-shard-7</c>.</summary>
public static class RegionalShards
{
    /// <summary>The id of a region's shard: <c>{region}-shard-{number}</c>.</summary>
    /// <param name="region">The region.</param>
    /// <param name="number">From 0.</param>
    /// <exception cref="ArgumentException"><paramref name="region"/> is null or empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="number"/> is negative.</exception>
    public static string IdOf(string region, int number)
    {
        ArgumentException.ThrowIfNullOrEmpty(region);
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        return string.Create(CultureInfo.InvariantCulture, $"{region}-shard-{number}");
    }

    /// <summary>The shards of a region, numbered from 0.</summary>
    /// <typeparam name="TShard">What the application keeps for a shard.</typeparam>
    /// <param name="region">The region.</param>
    /// <param name="count">How many, from 1.</param>
    /// <param name="payloadOf">Gives the payload of a shard id.</param>
    /// <exception cref="ArgumentException"><paramref name="region"/> is not a valid name.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    public static IReadOnlyList<Shard<TShard>> Create<TShard>(string region, int count, Func<string, TShard> payloadOf)
    {
        ArgumentNullException.ThrowIfNull(payloadOf);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return [.. Enumerable.Range(0, count).Select(n => new Shard<TShard>(IdOf(region, n), payloadOf(IdOf(region, n)), region: region))];
    }
}
