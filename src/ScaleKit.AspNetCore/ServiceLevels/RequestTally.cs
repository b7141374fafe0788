using System.Runtime.InteropServices;

namespace ScaleKit.AspNetCore;

/// <summary>Requests by what matters for the objectives.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct RequestTally
{
    public long All;
    public long Failed;

    /// <summary>Longer than the limit: as long as these are more than 5 %, so is the 95th percentile.</summary>
    public long Slow;

    /// <summary>Longer than where the limit counts as kept again.</summary>
    public long NearlySlow;

    public void Add(in RequestTally other)
    {
        All += other.All;
        Failed += other.Failed;
        Slow += other.Slow;
        NearlySlow += other.NearlySlow;
    }

    public readonly double ShareOf(long requests) => All == 0 ? 0 : (double)requests / All;
}
