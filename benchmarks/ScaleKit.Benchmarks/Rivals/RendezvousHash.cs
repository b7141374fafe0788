using ScaleKit.Sharding;

namespace ScaleKit.Benchmarks.Rivals;

/// <summary>Rendezvous hashing (Thaler, Ravishankar 1998): the shard with the highest score wins; a score for every shard at every call.</summary>
public sealed class RendezvousHash(IEnumerable<string> ids)
{
    private readonly ulong[] _seeds = [.. ids.Select(id => KeyHash.Of(id))];

    /// <summary>The number of the winner.</summary>
    public int Of(ulong hash)
    {
        var best = 0;
        var highest = 0UL;
        for (var i = 0; i < _seeds.Length; i++)
        {
            // The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
            var score = unchecked((hash ^ _seeds[i]) * 0xBF58476D1CE4E5B9UL);
            score = unchecked((score ^ (score >> 27)) * 0x94D049BB133111EBUL);
            score ^= score >> 31;
            if (score > highest)
            {
                (best, highest) = (i, score);
            }
        }

        return best;
    }
}
