using System.Runtime.InteropServices;

namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>What the scheduler may let happen next.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Event(EventKind Kind, int Index);
