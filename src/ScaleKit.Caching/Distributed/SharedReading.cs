using System.Runtime.InteropServices;

namespace ScaleKit.Caching;

/// <summary>The answer of <see cref="ISharedStore.ReadAsync"/>.</summary>
/// <param name="IsFound">Whether there is a value.</param>
/// <param name="Id">Tells this value from every other one of the key; 0 where there is none or the store cannot tell.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SharedReading(bool IsFound, long Id)
{
    /// <summary>Stands for every value in <see cref="ISharedStore.LeaseAsync"/>.</summary>
    public const long Any = -1;
}
