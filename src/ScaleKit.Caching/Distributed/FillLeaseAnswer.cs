using System.Runtime.InteropServices;

namespace ScaleKit.Caching;

/// <summary>The answer of <see cref="ISharedStore.LeaseAsync"/>.</summary>
/// <param name="State">Whether the caller may fill the key.</param>
/// <param name="Id">The <see cref="SharedReading.Id"/> of the value that was handed over, where it was found.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FillLeaseAnswer(FillLeaseState State, long Id = 0);
