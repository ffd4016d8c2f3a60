namespace McpAspire.LocalEngine;

/// <summary>A project whose assembly stands ready: the engine starts it as it is and builds nothing.</summary>
public interface IBuiltProject
{
    /// <summary>Path of the assembly that the project builds.</summary>
    string AssemblyPath { get; }
}
