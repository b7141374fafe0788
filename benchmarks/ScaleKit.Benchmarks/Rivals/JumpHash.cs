namespace ScaleKit.Benchmarks.Rivals;

/// <summary>Jump consistent hash (Lamping, Veach 2014, arXiv 1406.2294): no memory, but shards can only be added and removed at the end.</summary>
public static class JumpHash
{
    /// <summary>The bucket of a hash, from 0 to <paramref name="buckets"/> - 1.</summary>
    public static int Of(ulong hash, int buckets)
    {
        long bucket = -1;
        long next = 0;
        while (next < buckets)
        {
            bucket = next;
            hash = unchecked((hash * 2862933555777941757UL) + 1);
            next = (long)((bucket + 1) * ((1L << 31) / (double)((hash >> 33) + 1)));
        }

        return (int)bucket;
    }
}
